import type { ContainerInfo } from 'dockerode';
import { engineAnswer } from '../../engine-answer.ts';
import { removeContainer } from '../remove-container.ts';
import { trialPrefix } from '../workspace/choose-backend.ts';
import type { EngineDesk } from './engine-desk.ts';
import { isOrphan, sandboxLabels } from './owner.ts';

const listMs = 20_000;
/** More would make the engine slower than one after the other. */
const atOnce = 4;
/** A trial takes seconds; by then nobody waits for it. */
const trialAgeMs = 10 * 60_000;

/**
 * Removes what dead owners left on one engine: containers (also those that were created and never started, which the
 * engine's own auto-removal leaves, and trials of a workspace that carry no owner) with their volumes, then mounts and folders; and what we could not remove ourselves.
 * @returns how many
 */
export async function sweepEngine(
  desk: Pick<EngineDesk, 'engine' | 'removeLeftovers' | 'backend'>,
  signal: AbortSignal,
): Promise<number> {
  const { docker } = desk.engine;
  const list = (filters: Record<string, string[]>): Promise<ContainerInfo[]> =>
    engineAnswer(docker.listContainers({ all: true, filters }), listMs, signal);
  const marked = await list({ label: [sandboxLabels.mark] });
  const trials = await list({ name: [`^/?${trialPrefix}`] });
  const orphans = [
    ...marked.filter(({ Labels }) => isOrphan(Labels)),
    ...trials.filter(
      ({ Labels, Created }) =>
        Labels[sandboxLabels.mark] === undefined && Date.now() - Created * 1000 > trialAgeMs,
    ),
  ];
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
