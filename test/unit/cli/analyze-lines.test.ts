import { PassThrough, Readable, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { answerLines } from '../../../src/cli-analyze-lines.ts';

it('answers a line that is too long without holding it, and the next as ever', async () => {
  const out: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.push(chunk.toString());
      done();
    },
  });
  const input = Readable.from([
    `{"id":1,"x":"${'y'.repeat(90)}`,
    'y'.repeat(90),
    '"}\n{"id"',
    ':2}\n{"id":3}',
  ]);

  const tally = await answerLines(input, output, () => ({ done: true }), 100);

  expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([
    { id: null, line: 1, error: 'the line is longer than 100 bytes' },
    { id: 2, done: true },
    { id: 3, done: true },
  ]);
  expect(tally).toEqual({ answered: 2, bad: 1 });
});

it('reads on only as fast as its answers are taken', async () => {
  let read = 0;
  const input = Readable.from(
    (function* () {
      for (read = 0; read < 1_000; read += 1) yield `{"id":${read}}\n`;
    })(),
    { highWaterMark: 1 },
  );
  const output = new PassThrough({ highWaterMark: 64 });

  const done = answerLines(input, output, () => ({ payload: 'z'.repeat(50) }));
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  const whenBlocked = read;
  output.resume();

  expect(whenBlocked).toBeLessThan(20);
  expect(await done).toEqual({ answered: 1_000, bad: 0 });
});

it('answers what an analysis could not carry, and goes on', async () => {
  const output = new PassThrough();
  const tally = await answerLines(Readable.from(['{"id":1}\n{"id":2}\n']), output, ({ id }) => {
    if (id === 1) throw new RangeError('too deep');
    return { fine: true };
  });

  expect(tally).toEqual({ answered: 1, bad: 1 });
  expect(String(output.read())).toContain('{"id":1,"line":1,"error":"not analysed: too deep"}');
});

it.each(['[1,NaN]', '[ -Infinity , 1]', 'Infinity'])('says to write null for %s', async (values) => {
  const output = new PassThrough();
  await answerLines(
    Readable.from([`{"id":1,"values":${values}}\n{"id":2,"x":"NaN",}\n`]),
    output,
    () => ({}),
  );
  const [first, second] = String(output.read()).split('\n');

  expect(first).toContain('write null for NaN and Infinity');
  expect(second).toContain('no JSON');
  expect(second).not.toContain('write null');
});
