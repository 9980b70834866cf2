import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus } from '../sandbox-errors.ts';
import { thawByHand } from './thaw-by-hand.ts';

const removeTimeoutMs = 20_000;
/** No container that runs takes so long; one that hangs frozen takes for ever. */
const hangsMs = 3_000;

/**
 * Kills and removes; it is gone when this resolves, whoever removed it. One that hangs frozen is thawed by hand where we
 * may.
 * @throws SandboxUnavailable when it is still there after 20 s
 */
export async function removeContainer(container: Container): Promise<void> {
  const over = new AbortController();
  const removal = remove(container);
  void thawWhatHangs(container.id, over.signal);
  try {
    await engineAnswer(removal, removeTimeoutMs);
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    throw new SandboxUnavailable(
      `Docker has not removed the container ${container.id.slice(0, 12)} in ${removeTimeoutMs / 1000} s.`,
      `Where it hangs frozen, on its machine as root: echo THAWED > /sys/fs/cgroup/freezer/docker/${container.id}/freezer.state`,
      { cause: error },
    );
  } finally {
    over.abort();
  }
}

async function thawWhatHangs(id: string, over: AbortSignal): Promise<void> {
  while (await sleep(hangsMs, true, { signal: over, ref: false }).catch(() => false)) await thawByHand(id);
}

async function remove(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const status = engineStatus(error);
    if (status === 404) return;
    // Its removal is under way: it has just ended by itself.
    if (status !== 409) throw error;
    await container.wait({ condition: 'removed' }).catch((problem: unknown) => {
      if (engineStatus(problem) !== 404) throw problem;
    });
  }
}
