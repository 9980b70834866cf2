import { type Arena, openArena } from './arena.ts';
import { type AttackClass, Run } from './attack-class.ts';
import { author } from './classes/author.ts';
import { breakGlass } from './classes/break-glass.ts';
import { buttons } from './classes/buttons.ts';
import { byItself } from './classes/by-itself.ts';
import { catalogue } from './classes/catalogue.ts';
import { enoughPeople } from './classes/enough-people.ts';
import { imitation } from './classes/imitation.ts';
import { late } from './classes/late.ts';
import { people } from './classes/people.ts';
import { races } from './classes/races.ts';
import { seen, unseen } from './classes/seen.ts';
import { storedRows } from './classes/stored-rows.ts';
import { transport } from './classes/transport.ts';
import { halts, undo } from './classes/undo-and-halt.ts';

/** Classes that share a database; what one group does to it must not disturb another. */
interface Group {
  readonly classes: readonly AttackClass[];
  /** What whoever has the database's password does first. */
  readonly sql: readonly string[];
}

const groups: readonly Group[] = [
  {
    classes: [
      ...transport,
      ...people,
      ...enoughPeople,
      ...author,
      ...buttons,
      ...breakGlass,
      ...late,
      ...byItself,
      ...undo,
      ...races,
      ...seen,
      ...imitation,
      ...catalogue,
    ],
    sql: [],
  },
  // A halt is everybody's.
  { classes: halts, sql: [] },
  {
    classes: storedRows,
    sql: [
      'alter table plans drop constraint plans_check',
      'alter table approvals drop constraint approvals_plan_id_user_id_decision_key',
    ],
  },
];

export interface Tally {
  readonly name: string;
  readonly attempts: number;
  readonly executed: number;
  readonly notShown: number;
  readonly legitimate: number;
  readonly legitimateExecuted: number;
  readonly tookMs: number;
}

export interface SuiteResult {
  readonly tallies: readonly Tally[];
  /** Mutated plans whose cards offered a button, each compared with all that there was to read. */
  readonly compared: number;
  readonly samples: readonly string[];
}

export const classNames: readonly string[] = groups.flatMap((group) => group.classes.map((one) => one.name));

/**
 * @param only names of the classes to run; null: all of them
 * @param tries attempts that a class makes, from what it makes in a whole run
 * @param sql runs in every database before anything else
 */
export async function runSuite(options: {
  readonly only: readonly string[] | null;
  readonly tries: (whole: number) => number;
  readonly control: boolean;
  readonly sql?: readonly string[];
  readonly onTally?: (tally: Tally) => void;
}): Promise<SuiteResult> {
  const tallies: Tally[] = [];
  for (const { classes, sql } of groups) {
    const chosen = classes.filter(({ name }) => options.only?.includes(name) ?? true);
    if (chosen.length === 0) continue;
    const arena = await openArena([...sql, ...(options.sql ?? [])]);
    try {
      for (const one of chosen) {
        const tally = await attack(arena, one, options.tries(one.tries), options.control);
        options.onTally?.(tally);
        tallies.push(tally);
      }
      tallies.push(...(await lastLook(arena, tallies)));
    } finally {
      await arena.close();
    }
  }
  return { tallies, compared: unseen.checked, samples: unseen.samples };
}

async function attack(arena: Arena, one: AttackClass, times: number, control: boolean): Promise<Tally> {
  const began = performance.now();
  const run = new Run(arena, times, control);
  await one.run(run);
  const { attempts, executed, notShown, legitimate, legitimateExecuted } = run;
  const tookMs = Math.round(performance.now() - began);
  return { name: one.name, attempts, executed, notShown, legitimate, legitimateExecuted, tookMs };
}

/** Workers come by once more at everything that any class left behind: what was late is still counted. */
async function lastLook(arena: Arena, tallies: readonly Tally[]): Promise<Tally[]> {
  const before = arena.ledger.excess();
  await arena.runEverything();
  const executed = arena.ledger.excess() - before;
  if (executed === 0 || tallies.length === 0) return [];
  const none = { attempts: 0, notShown: 0, legitimate: 0, legitimateExecuted: 0, tookMs: 0 };
  return [{ name: 'left-behind', executed, ...none }];
}
