import type { Benchmark, Figure } from '../benchmark.ts';
import { measureCold, measureIdle, measureKill, measureResident, measureWarm } from './cells.ts';
import { measureClones } from './clones.ts';
import { measureConcurrent } from './concurrent.ts';
import { measureFiles } from './files.ts';
import { measurePostgres } from './postgres.ts';
import { openStand } from './stand.ts';

/** Everything that an agent waits for before its code runs, beside what the engine, git and tar need for the same. */
export const sandbox: Benchmark = {
  name: 'sandbox',
  about: 'sandboxes on the real engine, beside the raw engine in the same minutes',
  async run({ short, part, say }): Promise<Figure[]> {
    const stand = openStand();
    const times = (usually: number): number => (short ? 3 : usually);
    const figures: Figure[] = [];
    const parts: readonly [string, () => Promise<Figure | Figure[]>][] = [
      ['cold-start', () => measureCold(stand, times(16))],
      ['warm-exec', () => measureWarm(stand, times(20))],
      ['resident-runner', () => measureResident(stand, times(60))],
      ['kill-tree', () => measureKill(stand, times(12))],
      ['clones', () => measureClones(stand, times(6))],
      ['files', () => measureFiles(stand, times(8))],
      ['postgres-ready', () => measurePostgres(stand, times(8))],
      ...[1, 2, 5, 10, 20].map(
        (agents) =>
          [`concurrent-${agents}`, () => measureConcurrent(stand, agents, short ? 1_000 : 5_000)] as [
            string,
            () => Promise<Figure>,
          ],
      ),
      ['idle-memory', () => measureIdle(stand)],
    ];
    try {
      for (const [name, measure] of parts) {
        if (part !== undefined && part !== name) continue;
        say(name);
        figures.push(...[await measure()].flat());
      }
    } finally {
      await stand.close();
    }
    return figures;
  },
};
