import { describe, expect, it } from 'vitest';
import { checkStream, type StoredEntry, type StreamEnds } from '../../../src/domain/audit-chain.ts';
import { chainStart, hashEntry, lostLink, nextLink } from '../../../src/domain/timeline.ts';

const hash = 'a'.repeat(64);

describe('where the next entry goes', () => {
  it('is after the sealed end, whatever row is the last', () => {
    expect(nextLink({ seq: 5, hash, sealed: true }, 5)).toEqual({ seq: 6, previousHash: hash });
    expect(nextLink({ seq: 5, hash, sealed: true }, 3)).toEqual({ seq: 6, previousHash: hash });
    expect(nextLink({ seq: 5, hash, sealed: true }, 8)).toEqual({ seq: 9, previousHash: hash });
  });

  it('is the start only where there is neither an end nor an entry', () => {
    expect(nextLink(null, null)).toEqual({ seq: 1, previousHash: chainStart });
  });

  it('is a place that no chain leads to where the end is missing or forged', () => {
    expect(nextLink(null, 5)).toEqual({ seq: 6, previousHash: lostLink });
    expect(nextLink({ seq: 5, hash, sealed: false }, 5)).toEqual({ seq: 6, previousHash: lostLink });
    expect(nextLink({ seq: 5, hash, sealed: false }, null)).toEqual({ seq: 1, previousHash: lostLink });
  });
});

describe('the check of one timeline', () => {
  const whole = chain(6);
  const end = whole.at(-1) as StoredEntry;
  const ends: StreamEnds = {
    head: { stream: 'i1', seq: 6, hash: end.hash, sealed: true },
    anchored: [3, 5].map((seq, index) => {
      return { stream: 'i1', seq, hash: whole[seq - 1]?.hash ?? '', anchor: index + 1 };
    }),
  };

  function check(entries: readonly StoredEntry[], change: Partial<StreamEnds> = {}) {
    const reading = checkStream('i1', { ...ends, ...change });
    for (const entry of entries) reading.take(entry);
    return reading.end();
  }

  it('finds nothing in a whole one', () => {
    expect(check(whole)).toBeNull();
  });

  it('names the first broken place and no later one', () => {
    const broken = whole.map((entry) => (entry.seq > 3 ? { ...entry, text: 'other' } : entry));

    expect(check(broken)).toMatchObject({ seq: 4, fault: 'edited' });
  });

  it('says between which anchors a timeline was written anew', () => {
    const forged = chain(6, (seq) => (seq === 4 ? 'forged' : `entry ${seq}`));

    expect(check(forged)).toMatchObject({
      seq: 4,
      fault: 'rewritten',
      text: expect.stringMatching(/4 to 5 .*anchor 2/),
    });
    expect(check(forged, { anchored: [] })).toMatchObject({ seq: 1, fault: 'rewritten' });
  });

  it('knows entries that are cut off from the sealed end, or from an anchor when that was put back', () => {
    const old = { stream: 'i1', seq: 2, hash: whole[1]?.hash ?? '', sealed: true };

    expect(check(whole.slice(0, 4))).toMatchObject({
      seq: 5,
      fault: 'cut-tail',
      text: 'entries 5 to 6 are cut off the end: the sealed end is there.',
    });
    expect(check(whole.slice(0, 2), { head: old })).toMatchObject({
      seq: 3,
      fault: 'cut-tail',
      text: 'entries 3 to 5 are cut off the end: anchor 2 saw them.',
    });
    expect(check([], { head: null })).toMatchObject({ seq: 1, fault: 'cut-tail' });
  });

  it('misses what was sealed by nobody, and a timeline that an incident should have', () => {
    expect(check(whole, { head: null })).toMatchObject({ seq: 7, fault: 'forged-head' });
    expect(check([], { head: null, anchored: [] })).toMatchObject({ seq: 1, fault: 'forged-head' });
  });
});

function chain(length: number, text = (seq: number) => `entry ${seq}`): StoredEntry[] {
  const entries: StoredEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const body = {
      incidentId: 'i1',
      seq,
      at: new Date(Date.UTC(2026, 0, 1, 10, 0, seq)),
      kind: 'note',
      actor: 'warroom',
      text: text(seq),
      data: { seq },
      previousHash: entries.at(-1)?.hash ?? chainStart,
    };
    entries.push({ ...body, hash: hashEntry(body), exact: true });
  }
  return entries;
}
