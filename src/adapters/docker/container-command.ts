import Docker from 'dockerode';
import { KeptOutput } from '../../platform/kept-output.ts';
import type { CommandRunner } from '../../ports/runtime.ts';
import type { CommandResult } from '../../ports/sandbox.ts';
import { SandboxLost } from '../../ports/sandbox-errors.ts';
import { startExec } from './container-exec.ts';
import { asRuntimeError } from './workloads.ts';

const outputBytes = 1024 * 1024;

/** Commands inside running containers of one Docker engine, as the container's own user, in its own folder. */
export function createContainerCommands(engine: Docker.DockerOptions = {}): CommandRunner {
  const docker = new Docker(engine);
  return {
    async run({ argv, container, timeoutMs }, signal) {
      if (container === null) throw new TypeError('a command without a container runs beside Warroom');
      signal.throwIfAborted();
      const began = performance.now();
      let overflown = false;
      const kept = new KeptOutput(outputBytes, () => {
        overflown = true;
      });
      const exec = await startExec(docker.getContainer(container), {
        argv,
        user: '',
        environment: [],
        workFolder: '',
        onOutput: (chunk) => kept.add(chunk),
      }).catch((error: unknown) => {
        throw asRuntimeError(container, error instanceof SandboxLost ? error.cause : error);
      });

      const givenUp = Promise.withResolvers<'timeout'>();
      const timer = setTimeout(() => givenUp.resolve('timeout'), timeoutMs);
      const onAbort = (): void => givenUp.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const ended = await Promise.race([exec.ended, givenUp.promise]);
        const durationMs = Math.round(performance.now() - began);
        const output = kept.text();
        if (ended === 'timeout') return { exitCode: null, reason: 'timeout', output, durationMs };
        const result: CommandResult = { exitCode: ended.exitCode, reason: 'exit', output, durationMs };
        return overflown ? { ...result, output: `${output}\n(more output was not kept)` } : result;
      } catch (error) {
        signal.throwIfAborted();
        throw asRuntimeError(container, error instanceof SandboxLost ? error.cause : error);
      } finally {
        exec.abandon();
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
