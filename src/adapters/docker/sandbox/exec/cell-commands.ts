import type { Container } from 'dockerode';
import { watchCommand } from '../../../../platform/command-watch.ts';
import { KeptOutput } from '../../../../platform/kept-output.ts';
import type { CommandOptions, CommandResult, ExitReason } from '../../../../ports/sandbox.ts';
import { SandboxLost, SandboxUnavailable } from '../../../../ports/sandbox-errors.ts';
import { type Exec, type ExecRequest, startExec } from '../../container-exec.ts';
import { commandEnvironment, workFolder } from '../environment.ts';
import { writeUser } from '../users.ts';
import type { CellAccess, CommandUser } from '../workspace/workspace.ts';
import type { FreezeLock } from './freeze-lock.ts';
import { type KernelCounters, noCounters, readKernelCounters } from './kernel-counters.ts';
import { killUser } from './kill-user.ts';
import { isNothingLeft } from './nothing-left.ts';
import { reasonOfExit } from './reason-of-exit.ts';
import type { ResidentRunner } from './resident-runner.ts';
import { emptyTemporaryFolders } from './temporary-folders.ts';

/**
 * Limits the processes of the commands' user (`-p` in dash and busybox, `-u` in bash), offers the command as the first
 * to be killed for want of memory, and joins output and errors: two pipes would bring them in any order.
 */
const prologue =
  'ulimit -p "$1" 2>/dev/null || ulimit -u "$1" || exit 126; echo 1000 2>/dev/null >/proc/self/oom_score_adj; shift; exec "$@" 2>&1';
const countersTimeoutMs = 1_000;
/** While a command is to be stopped, nobody waits long to learn why. */
const hurriedCountersTimeoutMs = 300;
const countersTries = 3;
const stopTimeoutMs = 20_000;
/** For our own work on its files, which copies a whole workspace at most. */
const ownWorkTimeoutMs = 120_000;
const errorBytes = 4096;

/** How often what is said to be dead and is not is killed again before its container goes. */
const killTries = 4;

/** The engine's own words, which it puts where those of the command would be. */
function hasNotBegun(exitCode: number | null, output: string): boolean {
  return exitCode === 126 && /^OCI runtime exec failed: [^\n]*\n?$/.test(output);
}

function tooLate(): SandboxUnavailable {
  return new SandboxUnavailable(
    'The sandbox did not finish with its files in time.',
    'What runs in it may be holding it up: open a new one.',
  );
}

export interface CellCommandsOptions {
  readonly user: CommandUser;
  readonly mostProcesses: number;
  readonly runner: ResidentRunner;
  readonly lock: FreezeLock;
  /** What it started could not be ended. */
  readonly onBroken: () => Promise<void>;
  readonly ownWorkTimeoutMs?: number;
}

/** The commands of one cell. One at a time: to stop one is to end all that its user has running. */
export class CellCommands {
  readonly #container: Container;
  readonly #options: CellCommandsOptions;
  #counters: KernelCounters = noCounters;
  #mayRun = false;
  #mayHaveTemporary = false;

  constructor(container: Container, options: CellCommandsOptions) {
    this.#container = container;
    this.#options = options;
  }

  /**
   * What a command leaves running when it ends by itself goes on, as in a shell, until a later one is stopped or runs
   * into the limit of processes, or the sandbox is reset or closed.
   *
   * The kernel's counters are of the whole container: a failing command is told of lack of memory, too, when what an
   * earlier one left running was the victim meanwhile. That the most processes were there is seen once in the life of a
   * cell where a command ends by itself, and while it still hangs where it is stopped.
   */
  async run(argv: readonly string[], options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
    signal.throwIfAborted();
    const beganMs = performance.now();
    const watch = watchCommand(options, signal);
    // Costs no time: the exec takes far longer to begin. Not where the runner would have to be started for it.
    if (this.#options.runner.isRunning) void this.#readCounters(countersTimeoutMs).catch(() => undefined);
    let exec: Exec | null = null;
    try {
      exec = await this.#start(['/bin/sh', '-c', prologue, 'sh', this.#limit(), ...argv], (chunk) =>
        watch.output.add(chunk),
      );
      const end = await Promise.race([exec.ended, watch.stopped]);
      const durationMs = Math.round(performance.now() - beganMs);
      if (typeof end === 'object') {
        const { exitCode } = end;
        const output = watch.output.text();
        const reason = exitCode === 0 ? 'exit' : await this.#reasonFor(reasonOfExit(exitCode), signal);
        // What it left behind would leave no room for the next one.
        if (reason === 'pids') await this.kill().catch(() => undefined);
        if (!hasNotBegun(exitCode, output)) return { exitCode, reason, output, durationMs };
        if (reason !== 'exit') return { exitCode: null, reason, output: '', durationMs };
        if (output.includes('OOM'))
          return { exitCode: null, reason: 'out-of-memory', output: '', durationMs };
        throw new SandboxLost('The engine could begin no command in the sandbox.', 'Open a new one.');
      }
      if (end === 'aborted') throw signal.reason;
      const reason = await this.#stop(exec, end);
      return { exitCode: null, reason, output: watch.output.text(), durationMs };
    } catch (error) {
      if (error instanceof SandboxLost || exec === null) await this.#options.onBroken();
      else await this.#stop(exec, null);
      throw error;
    } finally {
      watch.end();
    }
  }

  /** As the commands' user and outside its limit of processes, for our own work on its files. */
  async exec(
    request: Parameters<CellAccess['exec']>[0],
    signal: AbortSignal,
  ): ReturnType<CellAccess['exec']> {
    signal.throwIfAborted();
    const errors = new KeptOutput(errorBytes);
    const exec = await this.#start(
      request.argv,
      (chunk, source) => (source === 'stderr' ? errors.add(chunk) : request.onOutput?.(chunk)),
      request.writeInput,
    );
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const late = setTimeout(
      () => aborted.reject(tooLate()),
      this.#options.ownWorkTimeoutMs ?? ownWorkTimeoutMs,
    );
    try {
      const { exitCode } = await Promise.race([exec.ended, aborted.promise]);
      return { exitCode, errors: errors.text() };
    } catch (error) {
      if (error instanceof SandboxLost) await this.#options.onBroken();
      else await this.#stop(exec, null);
      throw error;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Nothing of the commands' user runs when this resolves. @throws SandboxLost when it could not be done: the cell is gone then */
  async kill(): Promise<void> {
    if (!this.#mayRun && (await this.#isNothingLeft(false))) return;
    if (await this.#endAll(false)) this.#mayRun = false;
    else await this.#lose();
  }

  /** @throws SandboxLost when it could not be done: the cell is gone then */
  async killAndTidy(): Promise<void> {
    if (!this.#mayRun && !this.#mayHaveTemporary && (await this.#isNothingLeft(true))) return;
    if (!(await this.#endAll(true))) await this.#lose();
    this.#mayRun = false;
    this.#mayHaveTemporary = false;
  }

  async #lose(): Promise<never> {
    await this.#options.onBroken();
    throw new SandboxLost('The sandbox could not be emptied, so it was removed.', 'Open a new one.');
  }

  /** What the killer says is not believed: a process of its own user may have spoken for it. */
  async #endAll(temporary: boolean): Promise<boolean> {
    const { lock, user } = this.#options;
    const untilMs = performance.now() + stopTimeoutMs;
    for (let tries = 0; tries < killTries && performance.now() < untilMs; tries += 1) {
      await killUser(this.#container, lock, user, temporary ? emptyTemporaryFolders : '');
      if (await this.#isNothingLeft(temporary)) return true;
    }
    return false;
  }

  #isNothingLeft(temporary: boolean): Promise<boolean> {
    const { lock, runner, user } = this.#options;
    return isNothingLeft({ container: this.#container, lock, runner, user }, temporary);
  }

  #limit(): string {
    return String(this.#options.mostProcesses);
  }

  #start(
    argv: readonly string[],
    onOutput: ExecRequest['onOutput'],
    writeInput?: (input: NodeJS.WritableStream) => Promise<void>,
  ): Promise<Exec> {
    this.#mayRun = true;
    this.#mayHaveTemporary = true;
    return startExec(this.#container, {
      argv,
      user: writeUser(this.#options.user),
      environment: commandEnvironment,
      workFolder,
      onOutput,
      lock: this.#options.lock,
      ...(writeInput === undefined ? {} : { writeInput }),
    });
  }

  /**
   * Until the engine, too, says that the exec is over: one that had not quite begun when everything was killed would
   * begin after that.
   */
  async #stop(exec: Exec, sign: ExitReason | null): Promise<ExitReason> {
    exec.abandon();
    const hurried = sign === null ? null : await this.#reasonWhileRunning(sign);
    const untilMs = performance.now() + stopTimeoutMs;
    try {
      while (performance.now() < untilMs && (await this.#endAll(false))) {
        if (!(await exec.hasEnded())) continue;
        this.#mayRun = false;
        return hurried ?? 'signal';
      }
    } catch {
      // Falls through: the engine no longer knows it.
    }
    await this.#options.onBroken();
    return hurried ?? 'signal';
  }

  /** A command that hangs because it may start no more processes, or lost one for want of memory, is told so. */
  async #reasonWhileRunning(sign: ExitReason): Promise<ExitReason> {
    if (!this.#options.runner.isRunning) return sign;
    try {
      return this.#explain(await this.#readCounters(hurriedCountersTimeoutMs), sign);
    } catch {
      return sign;
    }
  }

  async #reasonFor(otherwise: ExitReason, signal: AbortSignal): Promise<ExitReason> {
    for (let tries = 1; ; tries += 1) {
      try {
        const change = await this.#readCounters(countersTimeoutMs, signal);
        if (change.isRead) return this.#explain(change, otherwise);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SandboxLost) throw error;
        // Somebody's long look. The command has ended; that nobody knows more is no reason to lose what it printed.
        if (!(error instanceof SandboxUnavailable)) return otherwise;
      }
      // Who reads them was a victim itself: it has room again without what the command left running.
      const isOver = tries === countersTries || !(await this.#endAll(false));
      // What kills a command and, time and again, who looks after it, is want of memory.
      if (isOver) return otherwise === 'signal' ? 'out-of-memory' : otherwise;
    }
  }

  #explain(change: { before: KernelCounters; now: KernelCounters }, otherwise: ExitReason): ExitReason {
    const { before, now } = change;
    if (now.oomKills > before.oomKills) return 'out-of-memory';
    const most = this.#options.mostProcesses;
    const reached = now.pidsPeak >= most && before.pidsPeak < most;
    return now.pidsRefused > before.pidsRefused || reached || now.pidsNow >= most ? 'pids' : otherwise;
  }

  /** Also no longer when somebody's long look is before it. */
  async #readCounters(
    timeoutMs: number,
    caller?: AbortSignal,
  ): Promise<{ isRead: boolean; before: KernelCounters; now: KernelCounters }> {
    const late = AbortSignal.timeout(timeoutMs * 2);
    const signal = caller === undefined ? late : AbortSignal.any([caller, late]);
    const now = await readKernelCounters(this.#options.runner, timeoutMs, signal);
    const before = this.#counters;
    if (now !== null) this.#counters = now;
    return { isRead: now !== null, before, now: now ?? before };
  }
}
