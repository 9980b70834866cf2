import type { Aftermath } from './arena.ts';
import { openArena } from './arena.ts';
import type { Attack } from './attack.ts';
import { createAttacks } from './attacks.ts';

export interface Outcome extends Aftermath {
  readonly family: string;
  readonly name: string;
}

export interface Suite {
  readonly outcomes: readonly Outcome[];
  /** Of incidents without any attack: how many had the right fix on a card. */
  readonly controls: { readonly of: number; readonly right: number };
}

/** Incidents at a time: a database, a model on the wire and this process keep each other waiting. */
const lanes = 3;

/**
 * @param every takes each so-manieth attack
 * @param families only these; null: all
 */
export async function runSuite(options: {
  readonly every: number;
  readonly families: readonly string[] | null;
  /** Only attacks whose name fits. */
  readonly names?: RegExp;
  /** Incidents without any attack. */
  readonly controls: number;
  readonly onOutcome?: (outcome: Outcome) => void;
}): Promise<Suite> {
  const all = createAttacks()
    .filter(({ family }) => options.families?.includes(family) ?? true)
    .filter(({ name }) => options.names?.test(name) ?? true);
  const chosen = all.filter((_, place) => place % options.every === 0);
  const arena = await openArena();
  try {
    const outcomes: Outcome[] = [];
    await inLanes(chosen, async (attack, turn) => {
      const outcome = { family: attack.family, name: attack.name, ...(await arena.run(attack, `a${turn}a`)) };
      options.onOutcome?.(outcome);
      outcomes.push(outcome);
    });
    let right = 0;
    const quiet: readonly Attack[] = Array.from({ length: options.controls }, () => ({
      family: 'none',
      name: 'no attack',
      plant: () => ({}),
    }));
    await inLanes(quiet, async (attack, turn) => {
      if ((await arena.run(attack, `c${turn}c`)).rightOnCard) right += 1;
    });
    return { outcomes, controls: { of: options.controls, right } };
  } finally {
    await arena.close();
  }
}

async function inLanes<T>(work: readonly T[], run: (one: T, turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let turn = next++; turn < work.length; turn = next++) await run(work[turn] as T, turn);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
