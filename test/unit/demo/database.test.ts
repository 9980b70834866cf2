import { describe, expect, it } from 'vitest';
import { splitLines } from '../../../demo/database/split-lines.ts';

describe('the log of the demo’s database', () => {
  it('reaches the shipper line by line, wherever the chunks end', () => {
    const lines: string[] = [];
    const push = splitLines((line) => lines.push(line));
    const bytes = Buffer.from("LOG:  duration: 9 ms  statement: select 'ä'\n\tfrom t\n\nDETAIL:  x\nrest");

    for (const byte of bytes) push(Buffer.from([byte]));

    expect(lines).toEqual(["LOG:  duration: 9 ms  statement: select 'ä'", '\tfrom t', 'DETAIL:  x']);
  });
});
