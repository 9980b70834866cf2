import type { Container } from 'dockerode';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus } from '../sandbox-errors.ts';

const removeTimeoutMs = 20_000;

/** Kills and removes; it is gone when this resolves, whoever removed it. */
export async function removeContainer(container: Container): Promise<void> {
  await engineAnswer(remove(container), removeTimeoutMs);
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
