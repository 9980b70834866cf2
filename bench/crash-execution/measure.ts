import os from 'node:os';
import { Client } from 'pg';
import type { NamedCrashPoint } from '../../test/support/crash-points.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { journalTable } from './journal-world.ts';
import { runLane, type Trial } from './lane.ts';
import type { Flaw, Path, Place, Run } from './run.ts';

export interface MeasureOptions {
  readonly flaw?: Flaw;
  /** Processes that run at the same time, each on databases of its own. */
  readonly lanes?: number;
  /** These on the longer path, in place of every point of both. */
  readonly points?: readonly NamedCrashPoint[];
  readonly onTrial?: (trial: Trial, done: number, of: number) => void;
}

/** A trial of every point, and of the two lives in which nobody dies. */
export async function measure(options: MeasureOptions = {}): Promise<Trial[]> {
  const { flaw = 'none', lanes = os.availableParallelism() + 1 } = options;
  const opened: TestDatabase[] = [];
  const open = async (): Promise<Place> => {
    const [record, effects] = [await createTestDatabase(), await createTestDatabase()];
    opened.push(record, effects);
    await query(effects.url, journalTable);
    return { recordUrl: record.url, effectsUrl: effects.url, flaw };
  };
  try {
    const places = await Promise.all(Array.from({ length: lanes }, open));
    const [first] = places;
    if (first === undefined) return [];
    const trials =
      options.points === undefined
        ? await Array.fromAsync(runLane(first, [aRun('helped', null), aRun('worse', null)]))
        : [];
    const lived = trials.length;
    const chosen = options.points?.map((point) => aRun('worse', point)) ?? pointsOf(trials);
    // Lanes take from one list, so that none is left with more than the others.
    const left = chosen.values();
    await Promise.all(
      places.map(async (place) => {
        for await (const trial of runLane(place, left)) {
          trials.push(trial);
          options.onTrial?.(trial, trials.length - lived, chosen.length);
        }
      }),
    );
    return trials;
  } finally {
    await Promise.all(opened.map((database) => database.drop()));
  }
}

/**
 * The point before and after each call, and in the middle of each that leaves something. Inside a transaction, after one
 * call is before the next: nothing is awaited between them. Both paths begin alike: what a process does until the fix is
 * judged is tried once, on the longer one.
 */
export function pointsOf(lives: readonly Pick<Trial, 'run' | 'calls'>[]): Run[] {
  const helped = lives.find(({ run }) => run.path === 'helped')?.calls ?? [];
  const worse = lives.find(({ run }) => run.path === 'worse')?.calls ?? [];
  const alike = helped.findIndex((name, at) => name !== worse[at]);
  return [...pointsOn('worse', worse, 0), ...pointsOn('helped', helped, alike)];
}

function pointsOn(path: Path, calls: readonly string[], from: number): Run[] {
  const seen = new Map<string, number>();
  return calls.flatMap((name, at) => {
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    if (at < from) return [];
    return momentsOf(name).map((when) => aRun(path, { name, nth, when }));
  });
}

function momentsOf(name: string): readonly NamedCrashPoint['when'][] {
  if (name.startsWith('rows.')) return ['before'];
  return leavesSomething(name) ? ['before', 'during', 'after'] : ['before', 'after'];
}

function leavesSomething(name: string): boolean {
  return /^transaction$|^record\..*\.(acquire|yield|release|update)$|\.(apply|undo|append)$/.test(name);
}

let turns = 0;

function aRun(path: Path, point: NamedCrashPoint | null): Run {
  turns += 1;
  return { id: `crash${String(turns).padStart(11, '0')}`, path, point };
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
