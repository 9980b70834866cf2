import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SideCar } from '../../../ports/sandbox.ts';
import { SideCarUnavailable } from '../../../ports/sandbox-errors.ts';
import { control } from './pod-command.ts';
import type { SandboxPod } from './sandbox-pod.ts';
import { probeOf, seedCommand } from './side-cars.ts';

const readyTimeoutMs = 60_000;
const probeTimeoutMs = 10_000;
const pollMs = 100;
const shownBytes = 300;

/** Until each accepts connections and has its seed. @throws SideCarUnavailable */
export async function startSideCars(
  pod: SandboxPod,
  sideCars: readonly SideCar[],
  signal: AbortSignal,
): Promise<void> {
  for (const sideCar of sideCars) {
    await waitUntilReady(pod, sideCar.kind, signal);
    if (sideCar.kind === 'postgres' && sideCar.seed !== '') await seed(pod, sideCar.seed, signal);
  }
}

async function waitUntilReady(pod: SandboxPod, kind: SideCar['kind'], signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + readyTimeoutMs;
  for (;;) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]);
    const { exitCode, errors } = await control(pod, { argv: probeOf(kind), container: kind }, limit);
    if (exitCode === 0) return;
    if (performance.now() > untilMs) {
      throw new SideCarUnavailable(
        { kind },
        `The ${kind} beside the sandbox did not come up in ${readyTimeoutMs / 1000} s.`,
        'Check its image and its memory.',
        { cause: new Error(errors.slice(0, shownBytes)) },
      );
    }
    await sleep(pollMs, undefined, { signal });
  }
}

async function seed(pod: SandboxPod, sql: string, signal: AbortSignal): Promise<void> {
  const { exitCode, errors } = await control(
    pod,
    {
      argv: seedCommand,
      container: 'postgres',
      writeInput: async (input) => {
        input.end(sql);
        await once(input, 'close', { signal });
      },
    },
    signal,
  );
  if (exitCode === 0) return;
  throw new SideCarUnavailable(
    { kind: 'postgres', seed: true },
    'The PostgreSQL beside the sandbox did not take its seed.',
    'The statements are of the replica of the schema: look at the cause in the log.',
    { cause: new Error(errors.slice(0, shownBytes)) },
  );
}
