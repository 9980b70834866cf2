import type Docker from 'dockerode';
import { SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import { engineAnswer } from '../engine-answer.ts';

const infoTimeoutMs = 10_000;

/**
 * Who asked for a stronger wall gets no weaker one.
 * @throws SandboxUnavailable when the engine does not have this runtime
 */
export async function requireRuntime(engine: Docker, runtime: string, signal: AbortSignal): Promise<void> {
  const info = (await engineAnswer(engine.info(), infoTimeoutMs, signal)) as { Runtimes?: object };
  const known = Object.keys(info.Runtimes ?? {});
  if (known.includes(runtime)) return;
  throw new SandboxUnavailable(
    `Docker does not have the container runtime ${runtime} that SANDBOX_RUNTIME asks for, so no code is run.`,
    `It has: ${known.join(', ') || 'none'}. Install ${runtime} and add it to "runtimes" in /etc/docker/daemon.json.`,
  );
}
