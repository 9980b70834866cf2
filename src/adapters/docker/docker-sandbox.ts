import type { Container } from 'dockerode';
import type { CommandResult, ExitReason, Sandbox } from '../../ports/sandbox.ts';
import { type Exec, type ExecRequest, startExec } from './container-exec.ts';
import { commandEnvironment, commandUser, keeperUser, workFolder } from './container-profile.ts';
import { engineAnswer } from './engine-answer.ts';
import { engineStatus } from './sandbox-errors.ts';
import { packWorkspace } from './workspace-archive.ts';

/** Output and errors through one pipe: two would arrive in any order. */
const joinOutput = ['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh'];
const sweepTimeoutMs = 5_000;
const engineTimeoutMs = 20_000;

/** One running container with a workspace in it. */
export class DockerSandbox implements Sandbox {
  readonly #container: Container;
  #oomKills = 0;
  #closed = false;

  constructor(container: Container) {
    this.#container = container;
  }

  get id(): string {
    return this.#container.id;
  }

  /** By tar through an exec: the engine's own copy refuses a read-only root and does not see tmpfs. */
  async fill(folder: string, files: readonly string[], signal: AbortSignal): Promise<void> {
    const exec = await this.#start(
      {
        argv: ['tar', '-x', '-f', '-', '-C', workFolder],
        writeInput: (input) => packWorkspace(folder, files, input, signal),
      },
      4096,
    );
    const { exitCode } = await exec.ended;
    signal.throwIfAborted();
    if (exitCode !== 0) throw new Error(`The workspace did not fit into the sandbox: ${exec.output()}`);
  }

  async run(
    argv: readonly string[],
    limits: { timeoutMs: number; outputBytes: number },
    signal: AbortSignal,
  ): Promise<CommandResult> {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const stop = Promise.withResolvers<ExitReason | 'aborted'>();
    const timer = setTimeout(() => stop.resolve('timeout'), limits.timeoutMs);
    const onAbort = (): void => stop.resolve('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const exec = await this.#start(
        { argv: [...joinOutput, ...argv], onOverflow: () => stop.resolve('output-cap') },
        limits.outputBytes,
      );
      const end = await Promise.race([exec.ended, stop.promise]);
      const durationMs = Math.round(performance.now() - startedAt);
      if (typeof end === 'object') {
        const reason = await this.#reasonOf(end.exitCode);
        return { exitCode: end.exitCode, reason, output: exec.output(), durationMs };
      }
      exec.abandon();
      await this.#killCommands();
      signal.throwIfAborted();
      return { exitCode: null, reason: end as ExitReason, output: exec.output(), durationMs };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await removeContainer(this.#container);
  }

  #start(
    request: Pick<ExecRequest, 'argv' | 'onOverflow' | 'writeInput'>,
    outputBytes: number,
  ): Promise<Exec> {
    return startExec(this.#container, {
      ...request,
      outputBytes,
      user: commandUser,
      environment: commandEnvironment,
      workFolder,
    });
  }

  /**
   * Everything of the command's user at once, also what left its session: nothing else reaches a grandchild. When the
   * container is too full to start even this, the container itself goes.
   */
  async #killCommands(): Promise<void> {
    try {
      const exec = await this.#start({ argv: ['/bin/sh', '-c', 'kill -9 -1'] }, 1024);
      const { exitCode } = await engineAnswer(exec.ended, sweepTimeoutMs);
      // 1: nobody was left to kill. Linux spares the sender, so any other end means that it did not get that far.
      if (exitCode === 0 || exitCode === 1) return;
    } catch {
      // Falls through to the container.
    }
    await this.close();
  }

  async #reasonOf(exitCode: number | null): Promise<ExitReason> {
    if (exitCode === 0) return 'exit';
    // The engine does not say so for an exec, and the victim may be a child: the kernel's counter knows.
    const kills = await this.#readOomKills();
    if (kills > this.#oomKills) {
      this.#oomKills = kills;
      return 'out-of-memory';
    }
    return exitCode !== null && exitCode > 128 && exitCode < 160 ? 'signal' : 'exit';
  }

  async #readOomKills(): Promise<number> {
    const files = ['/sys/fs/cgroup/memory/memory.oom_control', '/sys/fs/cgroup/memory.events'];
    const exec = await startExec(this.#container, {
      argv: ['/bin/sh', '-c', `cat ${files.join(' ')} 2>/dev/null`],
      user: keeperUser,
      environment: commandEnvironment,
      workFolder: '/',
      outputBytes: 4096,
    });
    await engineAnswer(exec.ended, engineTimeoutMs);
    return Number(/^oom_kill (\d+)$/m.exec(exec.output())?.[1] ?? 0);
  }
}

/** Kills and removes; fine when it is already gone or going. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await engineAnswer(container.remove({ force: true, v: true }), engineTimeoutMs);
  } catch (error) {
    const status = engineStatus(error);
    if (status !== 404 && status !== 409) throw error;
  }
}
