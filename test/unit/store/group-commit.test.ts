import { describe, expect, it } from 'vitest';
import { groupCommit } from '../../../src/store/group-commit.ts';

describe('grouped writes', () => {
  it('join what arrives while one is under way', async () => {
    const written: string[][] = [];
    const first = Promise.withResolvers<void>();
    const write = groupCommit<string>(async (items) => {
      written.push([...items]);
      if (written.length === 1) await first.promise;
    });

    const pushes = [write(['a'])];
    await Promise.resolve();
    pushes.push(write(['b']), write(['c', 'd']));
    first.resolve();
    await Promise.all(pushes);
    await write(['e']);

    expect(written).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('fail for those whose items were lost, and for nobody after them', async () => {
    let fails = true;
    const write = groupCommit<string>(async () => {
      if (fails) throw new Error('disk full');
    });

    const lost = [write(['a']), write(['b'])];
    await expect(lost[0]).rejects.toThrow('disk full');
    await expect(lost[1]).rejects.toThrow('disk full');
    fails = false;

    await expect(write(['c'])).resolves.toBeUndefined();
  });
});
