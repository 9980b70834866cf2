import { randomBytes } from 'node:crypto';
import type { Container } from 'dockerode';
import { watchCommand } from '../../../../platform/command-watch.ts';
import { OneAtATime } from '../../../../platform/one-at-a-time.ts';
import type { CommandOptions, CommandResult } from '../../../../ports/sandbox.ts';
import { SandboxUnavailable } from '../../../../ports/sandbox-errors.ts';
import { openExec } from '../../container-exec.ts';
import { commandEnvironment } from '../environment.ts';
import { lookUser, writeUser } from '../users.ts';
import { FrameReader } from './frame-reader.ts';
import type { FreezeLock } from './freeze-lock.ts';
import { killUser } from './kill-user.ts';
import { reasonOfExit } from './reason-of-exit.ts';

interface Shell {
  readonly input: NodeJS.WritableStream;
  readonly closed: Promise<void>;
  onOutput: (chunk: Buffer) => void;
  destroy(): void;
}

const answerMs = 20_000;

/**
 * A shell that stays in the container and takes one script after the other from its input, so that a script costs no new
 * exec. It runs as a user of its own that owns nothing there. What dies is started anew by the next script.
 */
export class ResidentRunner {
  readonly #container: Container;
  readonly #lock: FreezeLock;
  readonly #onBroken: () => Promise<void>;
  readonly #turns = new OneAtATime();
  #shell: Shell | null = null;

  /** @param onBroken what it started could not be ended */
  constructor(container: Container, lock: FreezeLock, onBroken: () => Promise<void>) {
    this.#container = container;
    this.#lock = lock;
    this.#onBroken = onBroken;
  }

  get isRunning(): boolean {
    return this.#shell !== null;
  }

  /** It has answered once when this resolves. */
  async start(signal: AbortSignal): Promise<void> {
    const { reason } = await this.run(':', { timeoutMs: answerMs, outputBytes: 1 }, signal);
    if (reason === 'exit') return;
    throw new SandboxUnavailable(
      `The shell that looks into the sandbox gave no answer in ${answerMs / 1000} s.`,
      'Check: docker info',
    );
  }

  /**
   * @param script shell text of our own, in one piece. What it leaves running may print into later answers.
   * @throws SandboxLost, SandboxUnavailable
   */
  run(script: string, options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
    return this.#turns.run(async () => {
      // A shell that died while it waited says so only when it is used. Scripts only read, so a second time does no harm.
      const result =
        (await this.#runOnce(script, options, signal)) ?? (await this.#runOnce(script, options, signal));
      if (result !== null) return result;
      throw new SandboxUnavailable(
        'The shell that looks into the sandbox ended twice.',
        'The sandbox may be out of memory: run fewer or smaller commands in it.',
      );
    }, signal);
  }

  close(): void {
    this.#shell?.destroy();
    this.#shell = null;
  }

  /** Null when the shell ended before the script did. */
  async #runOnce(
    script: string,
    options: CommandOptions,
    signal: AbortSignal,
  ): Promise<CommandResult | null> {
    signal.throwIfAborted();
    const shell = await this.#liveShell();
    const beganMs = performance.now();
    const watch = watchCommand(options, signal);
    const mark = randomBytes(16).toString('hex');
    const done = Promise.withResolvers<number>();
    const frame = new FrameReader(
      { begin: `B${mark}\n`, end: `\nE${mark} ` },
      (chunk) => watch.output.add(chunk),
      done.resolve,
    );
    shell.onOutput = (chunk) => frame.push(chunk);
    // The shell itself stays at the root: it must not hold a workspace that is replaced under it.
    shell.input.write(
      `printf '%s\\n' B${mark}\n(${script}\n) </dev/null 2>&1\nprintf '\\n%s %s\\n' E${mark} "$?"\n`,
    );
    try {
      const lost = shell.closed.then(() => 'lost' as const);
      const end = await Promise.race([done.promise, watch.stopped, lost]);
      const durationMs = Math.round(performance.now() - beganMs);
      if (typeof end === 'number') {
        return { exitCode: end, reason: reasonOfExit(end), output: watch.output.text(), durationMs };
      }
      await this.#endShell(shell, end !== 'lost');
      if (end === 'lost') return null;
      if (end === 'aborted') throw signal.reason;
      return { exitCode: null, reason: end, output: watch.output.text(), durationMs };
    } catch (error) {
      if (this.#shell === shell) await this.#endShell(shell, true);
      throw error;
    } finally {
      watch.end();
      shell.onOutput = () => undefined;
    }
  }

  async #endShell(shell: Shell, mustKill: boolean): Promise<void> {
    shell.destroy();
    this.#shell = null;
    if (mustKill && !(await killUser(this.#container, this.#lock, lookUser))) await this.#onBroken();
  }

  async #liveShell(): Promise<Shell> {
    if (this.#shell !== null) return this.#shell;
    const listener: Pick<Shell, 'onOutput'> = { onOutput: () => undefined };
    const { stream, closed } = await openExec(this.#container, {
      argv: ['/bin/sh'],
      user: writeUser(lookUser),
      environment: commandEnvironment,
      workFolder: '/',
      hasInput: true,
      lock: this.#lock,
      onOutput: (chunk) => listener.onOutput(chunk),
    });
    const shell = Object.assign(listener, { input: stream, closed, destroy: () => stream.destroy() });
    this.#shell = shell;
    void closed.then(() => {
      if (this.#shell === shell) this.#shell = null;
    });
    return shell;
  }
}

/** As one word of shell text each. */
export function quoteWords(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
