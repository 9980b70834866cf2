import { describe, expect, it } from 'vitest';
import { createFairGate, createFairQueue, type FairQueue } from '../../../src/platform/fair-queue.ts';

const calm = new AbortController().signal;
const limits = { mostWaitingPerKey: 1_000, mostWaiting: 1_000, mostWaitMs: 60_000 };

/** Gates say in which order they let in; nobody leaves but by `leave`. */
function gateOf(places: number, more: Partial<typeof limits> = {}) {
  const gate = createFairGate(places, { ...limits, ...more });
  const entered: string[] = [];
  const leave: (() => void)[] = [];
  const enter = (key: string, name = key, signal = calm): Promise<void> =>
    gate.enter(key, signal).then((out) => {
      entered.push(name);
      leave.push(out);
    });
  return { enter, entered, leave };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a fair gate', () => {
  it('lets in at once while there is room, and then as others leave', async () => {
    const { enter, entered, leave } = gateOf(2);
    void enter('a', 'a1');
    void enter('a', 'a2');
    void enter('a', 'a3');

    await settle();
    expect(entered).toEqual(['a1', 'a2']);

    leave[0]?.();
    await settle();
    expect(entered).toEqual(['a1', 'a2', 'a3']);
  });

  it('gives turns to keys, whoever asked most, and keeps the order within a key', async () => {
    const { enter, entered, leave } = gateOf(1);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) void enter(name.charAt(0), name);

    for (let turn = 0; turn < 7; turn += 1) {
      await settle();
      leave[turn]?.();
    }

    expect(entered).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('counts a place that is given back twice once', async () => {
    const { enter, entered, leave } = gateOf(1);
    void enter('a', 'a1');
    await settle();
    leave[0]?.();
    leave[0]?.();
    void enter('a', 'a2');
    void enter('a', 'a3');

    await settle();

    expect(entered).toEqual(['a1', 'a2']);
  });

  it('forgets who gives up, and gives the turn to the next', async () => {
    const { enter, entered, leave } = gateOf(1);
    const caller = new AbortController();
    void enter('a', 'a1');
    const second = enter('a', 'a2', caller.signal);
    void enter('a', 'a3');

    caller.abort(new Error('drained'));
    await expect(second).rejects.toThrow('drained');
    await settle();
    leave[0]?.();
    await settle();

    expect(entered).toEqual(['a1', 'a3']);
    await expect(enter('a', 'late', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('says so when somebody waited too long, or too many wait', async () => {
    const short = gateOf(1, { mostWaitMs: 20, mostWaiting: 1 });
    void short.enter('a');
    await settle();
    const waiting = short.enter('a');

    const refused = { code: 'waited_in_vain', retryable: true };
    await expect(short.enter('b')).rejects.toMatchObject({ ...refused, why: 'too-many' });
    await expect(waiting).rejects.toMatchObject({ ...refused, why: 'too-long' });
  });

  it('refuses who is beyond the bound of its own line, and nobody else', async () => {
    const { enter, entered, leave } = gateOf(1, { mostWaitingPerKey: 2 });
    for (const name of ['a1', 'a2', 'a3']) void enter('a', name);

    await expect(enter('a', 'a4')).rejects.toMatchObject({
      why: 'too-many',
      message: '2 of the same line wait already.',
    });
    void enter('b', 'b1');
    for (let turn = 0; turn < 4; turn += 1) {
      await settle();
      leave[turn]?.();
    }

    expect(entered).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  it('refuses the newest of the longest line for who comes when too many wait in all', async () => {
    const { enter, entered, leave } = gateOf(1, { mostWaiting: 4 });
    const refused: string[] = [];
    const ask = (name: string): void => {
      enter(name.charAt(0), name).catch(({ why }: { why: string }) => refused.push(`${name} ${why}`));
    };
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) ask(name);
    await settle();
    expect(refused).toEqual([]);

    // Two of each wait then; who makes its own line the longest pays for it, as does who comes to equal ones.
    for (const name of ['b1', 'b2', 'b3', 'c1', 'd1']) {
      ask(name);
      await settle();
    }
    for (let turn = 0; turn < 5; turn += 1) {
      await settle();
      leave[turn]?.();
    }

    expect(refused).toEqual(['a5 too-many', 'a4 too-many', 'b3 too-many', 'a3 too-many', 'b2 too-many']);
    expect(entered).toEqual(['a1', 'a2', 'b1', 'c1', 'd1']);
  });

  it('lets in at once whoever fits, however many wait for something else', async () => {
    const queue: FairQueue<string, string> = createFairQueue({
      ...limits,
      mostWaiting: 0,
      admit: (wish) => (wish === 'free' ? { place: wish } : { waitsFor: ['taken'] }),
    });

    expect(await queue.take('a', 'free', calm)).toBe('free');
    await expect(queue.take('a', 'taken', calm)).rejects.toMatchObject({ why: 'too-many' });
  });
});

describe('a fair queue for different places', () => {
  /** Requests name the places that would do; each place is for one. */
  function queueOf(places: readonly string[]) {
    const free = new Set(places);
    const queue: FairQueue<readonly string[], string> = createFairQueue({
      ...limits,
      admit(choices, withheld) {
        if (choices.length === 0) throw new Error('nowhere');
        const place = choices.find((one) => free.has(one) && !withheld.has(one));
        if (place === undefined) return { waitsFor: choices };
        free.delete(place);
        return { place };
      },
    });
    return {
      queue,
      giveBack: (place: string) => {
        free.add(place);
        queue.serve();
      },
    };
  }

  it('does not hold up those who fit elsewhere', async () => {
    const { queue } = queueOf(['north', 'south']);
    await queue.take('a', ['north'], calm);
    let isServed = false;
    const waiting = queue.take('b', ['north'], calm).then(() => {
      isServed = true;
    });

    expect(await queue.take('c', ['north', 'south'], calm)).toBe('south');
    expect([isServed, queue.waiting]).toEqual([false, 1]);
    void waiting;
  });

  it('keeps a place for whom it was waited for first, although others would fit at once', async () => {
    const { queue, giveBack } = queueOf(['north', 'south']);
    await queue.take('a', ['north'], calm);
    await queue.take('a', ['south'], calm);
    const order: string[] = [];
    void queue.take('b', ['north', 'south'], calm).then((place) => order.push(`b ${place}`));
    void queue.take('c', ['south'], calm).then((place) => order.push(`c ${place}`));

    giveBack('south');
    await settle();
    giveBack('south');
    await settle();

    expect(order).toEqual(['b south', 'c south']);
  });

  it('answers with what went wrong with that request alone', async () => {
    const { queue } = queueOf(['north']);

    await expect(queue.take('a', [], calm)).rejects.toThrow('nowhere');
    expect(await queue.take('a', ['north'], calm)).toBe('north');
  });
});

/** The same numbers for the same seed, so that what fails can be tried again. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

describe('whatever comes and goes', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
    'nobody starves and no place is lost (seed %i)',
    async (seed) => {
      const chance = chanceOf(seed * 7919);
      const places = 1 + chance(4);
      const keys = Array.from({ length: 1 + chance(5) }, (_, index) => `k${index}`);
      const gate = createFairGate(places, limits);
      const inside: (() => void)[] = [];
      const order: string[] = [];
      /** Per request: its place in its key's line when it came, and how many were let in until then. */
      const waits: { ahead: number; from: number; to: number | null; givenUp: boolean }[] = [];
      const linesOf = new Map<string, number>();
      const callers: AbortController[] = [];
      const pending: Promise<void>[] = [];

      for (let step = 0; step < 200; step += 1) {
        const dice = chance(10);
        // The first key asks as much as all others together.
        const key = chance(2) === 0 ? 'k0' : (keys[chance(keys.length)] ?? 'k0');
        if (dice < 6) {
          const caller = new AbortController();
          callers.push(caller);
          const ahead = linesOf.get(key) ?? 0;
          linesOf.set(key, ahead + 1);
          const wait: (typeof waits)[number] = { ahead, from: order.length, to: null, givenUp: false };
          waits.push(wait);
          const entering = gate.enter(key, caller.signal).then(
            (out) => {
              wait.to = order.length;
              order.push(key);
              inside.push(out);
            },
            () => {
              wait.givenUp = true;
            },
          );
          pending.push(entering.finally(() => linesOf.set(key, (linesOf.get(key) ?? 1) - 1)));
        } else if (dice < 9) inside.splice(chance(inside.length), 1)[0]?.();
        else callers[chance(callers.length)]?.abort(new Error('given up'));
        await settle();
        expect(inside.length).toBeLessThanOrEqual(places);
      }
      while (inside.length > 0) {
        inside.pop()?.();
        await settle();
      }
      await Promise.all(pending);

      for (const { ahead, from, to, givenUp } of waits) {
        expect(givenUp || to !== null).toBe(true);
        // Each of those before it in its line costs at most one turn of every key.
        if (to !== null) expect(to - from).toBeLessThanOrEqual((ahead + 1) * keys.length);
      }
      // Every place is there again.
      const all = Array.from({ length: places }, () => gate.enter('last', calm));
      await Promise.all(all);
    },
  );
});
