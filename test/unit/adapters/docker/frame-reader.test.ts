import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../../src/adapters/docker/sandbox/exec/frame-reader.ts';

function read(text: string, pieceBytes: number): { output: string; status: number | null } {
  const seen: { output: string; status: number | null } = { output: '', status: null };
  const reader = new FrameReader(
    { begin: 'BEGIN7\n', end: '\nEND7 ' },
    (chunk) => {
      seen.output += chunk.toString('latin1');
    },
    (status) => {
      seen.status = status;
    },
  );
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  return seen;
}

describe('one answer in what a resident shell prints', () => {
  const cases = [
    { name: 'a plain one', text: 'BEGIN7\nhello\n\nEND7 0\n', output: 'hello\n', status: 0 },
    { name: 'an empty one', text: 'BEGIN7\n\nEND7 3\n', output: '', status: 3 },
    {
      name: 'one after what an earlier command left',
      text: 'late\nBEGIN6\nBEGIN7\nx\nEND7 137\n',
      output: 'x',
      status: 137,
    },
    {
      name: 'one that looks like an end',
      text: 'BEGIN7\nEND7\n\nEND 7\n\nEND7 0\n',
      output: 'END7\n\nEND 7\n',
      status: 0,
    },
    {
      name: 'one that is followed by more',
      text: 'BEGIN7\nx\nEND7 0\nBEGIN7\ny\nEND7 1\n',
      output: 'x',
      status: 0,
    },
  ];

  it.each(cases)('$name, however it is cut', ({ text, output, status }) => {
    for (let size = 1; size <= text.length; size += 1) expect(read(text, size)).toEqual({ output, status });
  });

  it('is handed on before it is complete, but for what may be its end', () => {
    expect(read('BEGIN7\nhello\nEN', 100)).toEqual({ output: 'hel', status: null });
  });
});
