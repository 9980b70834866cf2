import { describe, expect, it } from 'vitest';
import { chainStart, firstBrokenLink, hashEntry, type TimelineEntry } from '../../../src/domain/timeline.ts';

function chain(length: number): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const body = {
      incidentId: 'i1',
      seq,
      at: new Date(Date.UTC(2026, 0, 1, 10, 0, seq)),
      kind: 'note',
      actor: 'warroom',
      text: `entry ${seq}`,
      data: { seq },
      previousHash: entries.at(-1)?.hash ?? chainStart,
    };
    entries.push({ ...body, hash: hashEntry(body) });
  }
  return entries;
}

describe('the chain of the timeline', () => {
  it('holds as it was written', () => {
    expect(firstBrokenLink(chain(5))).toBeNull();
  });

  it('shows a changed text', () => {
    expect(
      firstBrokenLink(chain(5).map((entry) => (entry.seq === 3 ? { ...entry, text: 'other' } : entry))),
    ).toBe(3);
  });

  it('shows a removed, a swapped and a re-hashed entry', () => {
    const whole = chain(5);
    const forged = whole.map((entry) => {
      if (entry.seq !== 3) return entry;
      const { hash: _, ...rest } = { ...entry, text: 'forged' };
      return { ...rest, hash: hashEntry(rest) };
    });

    expect(firstBrokenLink(whole.filter((entry) => entry.seq !== 2))).toBe(2);
    expect(firstBrokenLink([...whole].reverse())).toBe(1);
    expect(firstBrokenLink(forged)).toBe(4);
  });
});
