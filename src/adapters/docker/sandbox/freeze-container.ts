import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { WarroomError } from '../../../platform/errors.ts';
import { SandboxLost } from '../../../ports/sandbox-errors.ts';
import { asSandboxError } from '../container-exec.ts';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus } from '../sandbox-errors.ts';

const engineTimeoutMs = 20_000;
/** What forks fast, or waits for a disk, may be too quick or too slow for the kernel the first time. */
const againMs = 100;

/** Tried twice. @throws SandboxLost, SandboxUnavailable when there is no answer, or the reason of `signal` */
export async function freezeContainer(container: Container, signal?: AbortSignal): Promise<void> {
  try {
    await engineAnswer(container.pause(), engineTimeoutMs, signal);
  } catch (error) {
    if ((engineStatus(error) ?? 0) < 500) throw told(error, 'frozen', signal);
    await sleep(againMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    await engineAnswer(container.pause(), engineTimeoutMs, signal).catch((again: unknown) => {
      throw told(again, 'frozen', signal);
    });
  }
}

/** @throws SandboxLost, SandboxUnavailable when there is no answer, or the reason of `signal` */
export async function thawContainer(container: Container, signal?: AbortSignal): Promise<void> {
  try {
    await engineAnswer(container.unpause(), engineTimeoutMs, signal);
  } catch (error) {
    throw told(error, 'thawed', signal);
  }
}

/** A container of which this is not known is used no more. */
function told(error: unknown, what: 'frozen' | 'thawed', signal: AbortSignal | undefined): unknown {
  signal?.throwIfAborted();
  const known = asSandboxError(error);
  return known instanceof WarroomError
    ? known
    : new SandboxLost(`The sandbox could not be ${what}, so it is removed.`, 'Another one is opened.', {
        cause: error,
      });
}
