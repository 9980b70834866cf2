import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { OneAtATime } from '../../../platform/one-at-a-time.ts';
import { TarWorkspace } from '../../../platform/workspace/tar-workspace.ts';
import type {
  CommandOptions,
  CommandResult,
  ExitReason,
  Sandbox,
  WorkspaceChanges,
  WorkspaceFile,
} from '../../../ports/sandbox.ts';
import { SandboxLost } from '../../../ports/sandbox-errors.ts';
import { freezeScript, killScript, thawScript } from './keeper.ts';
import { countersScript, noCounters, parseKernelCounters } from './kernel-counters.ts';
import { type ControlRequest, control } from './pod-command.ts';
import type { PodLimits } from './pod-limits.ts';
import { reasonOfExit, runInPod } from './pod-run.ts';
import { cellName, eyeName } from './sandbox-job.ts';
import type { SandboxPod } from './sandbox-pod.ts';

const signalTimeoutMs = 20_000;
/** Until the cluster tells of a container that died. */
const deathTimeoutMs = 10_000;
const deathPollMs = 200;
const killed = 137;

/** Where the tars of snapshots are kept, outside of the pod. */
export interface SnapshotFolder {
  readonly path: string;
  make(): void;
}

/**
 * One running pod with a workspace in it. Kubernetes has no exec as another user, so `look` is another container, which sees
 * the same files and cannot write them; what packs the workspace runs as the commands' user, who may get at it, so nothing
 * that it says is believed.
 */
export class KubernetesSandbox implements Sandbox {
  readonly #pod: SandboxPod;
  readonly #limits: PodLimits;
  readonly #snapshots: SnapshotFolder;
  readonly #onClose: () => void;
  readonly #workspace: TarWorkspace;
  readonly #turns = new OneAtATime();
  #counted = noCounters;
  #closing: Promise<void> | null = null;

  constructor(pod: SandboxPod, limits: PodLimits, snapshots: SnapshotFolder, onClose: () => void) {
    this.#pod = pod;
    this.#limits = limits;
    this.#snapshots = snapshots;
    this.#onClose = onClose;
    const cell = {
      exec: (request: ControlRequest, signal: AbortSignal) => control(pod, request, signal),
      killCommands: () => this.#kill(),
    };
    this.#workspace = new TarWorkspace(cell, limits, () => {
      snapshots.make();
      return snapshots.path;
    });
  }

  get id(): string {
    return this.#pod.job;
  }

  fill(folder: string, signal: AbortSignal): Promise<void> {
    return this.#workspace.fill(folder, signal);
  }

  run(argv: readonly string[], options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
    return this.#inTurn(async () => {
      const { how, output, durationMs } = await runInPod(
        this.#pod,
        cellName,
        argv,
        this.#limits,
        options,
        signal,
      );
      if (how.kind === 'exited') {
        const reason = await this.#reasonOf(how.exitCode);
        return { exitCode: how.exitCode, reason, output, durationMs };
      }
      if (how.kind === 'lost') {
        // Where its commands can still be ended, the pod is alive.
        const died = !(await this.#endCommands()) && (await this.#diedOfMemory());
        if (died) return { exitCode: killed, reason: 'out-of-memory', output, durationMs };
        throw await this.#pod.explain(how.why);
      }
      await this.#kill();
      if (how.sign === 'aborted') throw signal.reason;
      return { exitCode: null, reason: how.sign, output, durationMs };
    }, signal);
  }

  /** Beside what runs, in a container of its own. */
  async look(argv: readonly string[], options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
    signal.throwIfAborted();
    this.#requireOpen();
    const seconds = String(Math.ceil(options.timeoutMs / 1000) + 1);
    // One that is given up ends itself, since others may look at the same time.
    const bounded = ['timeout', '-s', 'KILL', seconds, ...argv];
    const ended = await runInPod(this.#pod, eyeName, bounded, this.#limits, options, signal);
    const { how, output, durationMs } = ended;
    if (how.kind === 'lost') throw await this.#pod.explain(how.why, eyeName);
    if (how.kind === 'exited') {
      return { exitCode: how.exitCode, reason: reasonOfExit(how.exitCode), output, durationMs };
    }
    if (how.sign === 'aborted') throw signal.reason;
    return { exitCode: null, reason: how.sign, output, durationMs };
  }

  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#workspace.write(files, signal), signal);
  }

  changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<WorkspaceChanges> {
    return this.#inTurn(() => this.#frozen(() => this.#workspace.changes(most, signal)), signal);
  }

  snapshot(signal: AbortSignal): Promise<string> {
    return this.#inTurn(() => this.#frozen(() => this.#workspace.snapshot(signal)), signal);
  }

  reset(snapshot: string | null, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#workspace.reset(snapshot, signal), signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    try {
      await this.#pod.remove();
    } finally {
      await rm(this.#snapshots.path, { recursive: true, force: true });
      this.#onClose();
    }
  }

  #inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#turns.run(() => {
      this.#requireOpen();
      return work();
    }, signal);
  }

  #requireOpen(): void {
    if (this.#closing === null) return;
    throw new SandboxLost('The sandbox is closed.', 'The investigation opens a new one when it runs again.');
  }

  /** Nothing else of the user runs while `work` does. */
  async #frozen<T>(work: () => Promise<T>): Promise<T> {
    await this.#script(freezeScript);
    try {
      return await work();
    } finally {
      if (this.#closing === null) await this.#script(thawScript);
    }
  }

  /** When the pod is too full to start even what ends its commands, the pod itself goes. */
  async #kill(): Promise<void> {
    if (!(await this.#endCommands())) await this.close();
  }

  /**
   * Everything at once, also what left its session: nothing else reaches a grandchild.
   * @returns whether nothing is left
   */
  async #endCommands(): Promise<boolean> {
    try {
      const { exitCode } = await this.#script(killScript);
      // 1: nobody was left to kill. The system spares the sender, so any other end means that it did not get that far.
      return exitCode === 0 || exitCode === 1;
    } catch {
      return false;
    }
  }

  async #script(script: string): Promise<{ exitCode: number; errors: string; output: string }> {
    let output = '';
    const onOutput = (chunk: Buffer): void => {
      output = (output + chunk.toString('latin1')).slice(0, 8192);
    };
    const argv = ['/bin/sh', '-c', script];
    const ended = await control(this.#pod, { argv, onOutput }, AbortSignal.timeout(signalTimeoutMs));
    return { ...ended, output };
  }

  async #reasonOf(exitCode: number): Promise<ExitReason> {
    if (exitCode === 0) return 'exit';
    // Nobody says so for an exec, and the victim may be a child: the kernel's counter knows.
    const counters = await this.#script(countersScript).then(
      (ended) => (ended.exitCode === 0 ? parseKernelCounters(ended.output) : null),
      () => null,
    );
    if (counters === null) {
      if (await this.#diedOfMemory()) return 'out-of-memory';
      throw await this.#pod.explain(new Error('the counters of the pod could not be read'));
    }
    const before = this.#counted;
    this.#counted = counters;
    if (counters.oomKills > before.oomKills) return 'out-of-memory';
    if (counters.pidsRefused > before.pidsRefused) return 'pids';
    // The limit of a command is its user's, and the kernel does not count whom that refuses.
    const most = this.#limits.commandPids;
    const peaked = counters.pidsPeak >= most && counters.pidsPeak > before.pidsPeak;
    if (peaked || counters.pidsNow >= most) return 'pids';
    return reasonOfExit(exitCode);
  }

  /** On cgroup v2 a kubelet has all of a container killed with one of its processes, unless `singleProcessOOMKill` is set. */
  async #diedOfMemory(): Promise<boolean> {
    const untilMs = performance.now() + deathTimeoutMs;
    for (;;) {
      const end = await this.#pod.end().catch(() => null);
      if (end !== null) return end.outOfMemory;
      if (performance.now() > untilMs) return false;
      await sleep(deathPollMs);
    }
  }
}
