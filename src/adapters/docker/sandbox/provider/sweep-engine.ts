import { engineAnswer } from '../../engine-answer.ts';
import { removeContainer } from '../remove-container.ts';
import type { EngineDesk } from './engine-desk.ts';
import { isOrphan, sandboxLabels } from './owner.ts';

const listMs = 20_000;
/** More would make the engine slower than one after the other. */
const atOnce = 4;

/**
 * Removes what dead owners left on one engine: containers (also those that were created and never started, which the
 * engine's own auto-removal leaves) with their volumes, then mounts and folders; and what we could not remove ourselves.
 * @returns how many
 */
export async function sweepEngine(desk: EngineDesk, signal: AbortSignal): Promise<number> {
  const { docker } = desk.engine;
  const listing = docker.listContainers({ all: true, filters: { label: [sandboxLabels.mark] } });
  const orphans = (await engineAnswer(listing, listMs, signal)).filter(({ Labels }) => isOrphan(Labels));
  let removed = 0;
  const failures: unknown[] = [];
  async function removeNext(): Promise<void> {
    for (let next = orphans.pop(); next !== undefined; next = orphans.pop()) {
      signal.throwIfAborted();
      try {
        await removeContainer(docker.getContainer(next.Id));
        removed += 1;
      } catch (error) {
        // One that the engine hangs over keeps nobody from the others.
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, removeNext));
  removed += await desk.removeLeftovers();
  // After their containers: what is mounted cannot go.
  const backend = await desk.backend(signal);
  removed += (await backend?.sweep(signal)) ?? 0;
  if (failures.length > 0) throw failures[0];
  return removed;
}
