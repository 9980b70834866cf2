import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { demultiplex } from '../../../../src/adapters/docker/sandbox/exec/demultiplex.ts';

function frame(source: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = source;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function read(chunks: readonly Buffer[]): Promise<Record<'stdout' | 'stderr', string>> {
  const stream = new PassThrough();
  const seen = { stdout: '', stderr: '' };
  demultiplex(stream, (chunk, source) => {
    seen[source] += chunk.toString();
  });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  return seen;
}

describe("the engine's frames", () => {
  const whole = Buffer.concat([frame(1, 'one '), frame(2, 'bad'), frame(1, ''), frame(1, 'two')]);

  it('are told apart by source, empty ones too', async () => {
    expect(await read([whole])).toEqual({ stdout: 'one two', stderr: 'bad' });
  });

  it('may be cut anywhere, in the header, too', async () => {
    for (let size = 1; size < whole.length; size += 1) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
      expect(await read(pieces)).toEqual({ stdout: 'one two', stderr: 'bad' });
    }
  });

  it('may be very many in one piece', async () => {
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, 'x')));

    expect((await read([many])).stdout).toHaveLength(100_000);
  });
});
