import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

async function analyze(
  args: readonly string[],
  input: string,
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [resolve(root, 'src/cli.ts'), 'analyze', ...args]);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number, out, err };
}

const examples = [
  ...(await readFile(resolve(root, 'docs/analyze.md'), 'utf8')).matchAll(
    /```json in:(\w+)\n([\s\S]*?)```\n```json out\n([\s\S]*?)```/g,
  ),
].map(([, name = '', input = '', output = '']) => ({ name, input, output }));

/** The real command, as people and scripts type it. */
describe('warroom analyze', () => {
  it.each(examples.map((one, index) => [index + 1, one] as const))(
    'answers example %i of its page as the page says',
    async (_index, { name, input, output }) => {
      const { out } = await analyze([name], input);

      expect(out).toBe(output);
    },
  );

  it('goes on after bad lines, counts them and ends with 1', async () => {
    const lines = [
      '{"id":1,"lines":["a 1"]}',
      '[]',
      '{"lines":[]}',
      '',
      '{"id":2,"lines":[7]}',
      '{"id":3,"lines":[]}',
    ];
    const { code, out, err } = await analyze(['logs'], lines.join('\r\n'));
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: unknown; error?: string; line?: number });

    expect(code).toBe(1);
    expect(answers.map(({ id }) => id)).toEqual([1, null, null, 2, 3]);
    expect(answers[3]).toEqual({ id: 2, line: 5, error: 'lines[0] is not a text' });
    expect(err).toMatch(/^2 answered, 3 bad/);
  });

  it('ends with 0 when all were answered, and with 2 when it was called wrongly', async () => {
    expect((await analyze(['series'], '{"id":1,"times":[],"values":[]}')).code).toBe(0);
    expect(await analyze(['tarot'], '')).toMatchObject({ code: 2, out: '' });
    expect((await analyze(['logs', '--fast'], '')).err).toMatch(/takes no arguments/);
    expect(await analyze(['help'], '')).toMatchObject({ code: 0, err: '' });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [resolve(root, 'src/cli.ts'), 'analyze', 'logs']);
    child.stdin.on('error', () => undefined);
    const said = text(child.stderr);
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end('{"id":1,"lines":["a"]}\n'.repeat(20_000));
    const [code] = (await once(child, 'close')) as [number];

    expect(code).toBe(0);
    expect(await said).not.toMatch(/EPIPE/);
  });
});
