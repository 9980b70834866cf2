import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { OneAtATime } from '../../../platform/one-at-a-time.ts';
import type { Sandbox, SideCar } from '../../../ports/sandbox.ts';
import { SandboxLost } from '../../../ports/sandbox-errors.ts';
import type { Cell, CellRequest, SideCarImages } from './cell.ts';
import { workFolder } from './environment.ts';
import { CellCommands } from './exec/cell-commands.ts';
import { FreezeLock } from './exec/freeze-lock.ts';
import { quoteWords, ResidentRunner } from './exec/resident-runner.ts';
import { freezeContainer, thawContainer } from './freeze-container.ts';
import { removeContainer } from './remove-container.ts';
import { SideCarGroup } from './side-cars.ts';
import type { CommandUser, Workspace, WorkspaceMount } from './workspace/workspace.ts';

export interface RunningCellParts {
  readonly slot: number;
  readonly user: CommandUser;
  readonly request: CellRequest;
  readonly mount: WorkspaceMount;
  /** Gives the slot back. */
  readonly onGone: () => void;
}

/** A cell whose container runs. */
export class RunningCell implements Cell {
  readonly slot: number;
  readonly #container: Container;
  readonly #parts: RunningCellParts;
  readonly #runner: ResidentRunner;
  readonly #commands: CellCommands;
  readonly #workspace: Workspace;
  readonly #sideCars: SideCarGroup;
  readonly #turns = new OneAtATime();
  readonly #lock = new FreezeLock();
  #removal: Promise<void> | null = null;
  #isGone = false;

  constructor(container: Container, engine: Docker, parts: RunningCellParts) {
    const { slot, user, request, mount } = parts;
    this.slot = slot;
    this.#container = container;
    this.#parts = parts;
    const onBroken = (): Promise<void> => this.remove().catch(() => undefined);
    // Whether it is frozen nobody knows then.
    const orBroken = (work: Promise<void>): Promise<void> => this.#orRemoved(work);
    this.#runner = new ResidentRunner(container, this.#lock, onBroken);
    this.#commands = new CellCommands(container, {
      user,
      mostProcesses: request.limits.commandPids,
      runner: this.#runner,
      lock: this.#lock,
      onBroken,
    });
    this.#sideCars = new SideCarGroup(engine, container, request);
    this.#workspace = mount.bind({
      exec: (execRequest, signal) => this.#commands.exec(execRequest, signal),
      killCommands: () => this.#commands.kill(),
      freeze: () => orBroken(this.pause()),
      thaw: () => orBroken(this.unpause()),
    });
  }

  get id(): string {
    return this.#container.id;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  pause(signal?: AbortSignal): Promise<void> {
    return this.#lock.freeze(() => freezeContainer(this.#container, signal));
  }

  unpause(signal?: AbortSignal): Promise<void> {
    return this.#lock.thaw(() => thawContainer(this.#container, signal));
  }

  warmUp(signal: AbortSignal): Promise<void> {
    return this.#runner.start(signal);
  }

  fill(folder: string, signal: AbortSignal): Promise<void> {
    return this.#turn(() => this.#workspace.fill(folder, signal), signal);
  }

  startSideCars(sideCars: readonly SideCar[], images: SideCarImages, signal: AbortSignal): Promise<void> {
    return this.#sideCars.start(sideCars, images, signal);
  }

  toSandbox(close: () => Promise<void>): Sandbox {
    let closing: Promise<void> | null = null;
    return {
      id: this.id,
      run: async (argv, options, signal) => {
        mustHaveWords(argv);
        return this.#turn(() => this.#commands.run(argv, options, signal), signal);
      },
      look: async (argv, options, signal) => {
        mustHaveWords(argv);
        this.#mustBeHere();
        return this.#runner.run(`cd ${workFolder} && exec ${quoteWords(argv)}`, options, signal);
      },
      write: (files, signal) => this.#turn(() => this.#workspace.write(files, signal), signal),
      changes: (most, signal) => this.#turn(() => this.#workspace.changes(most, signal), signal),
      snapshot: (signal) =>
        this.#turn(async () => {
          // What runs on could change it while and after it is taken.
          await this.#commands.kill();
          return this.#workspace.snapshot(signal);
        }, signal),
      reset: (snapshot, signal) =>
        this.#turn(async () => {
          await this.#commands.killAndTidy();
          await this.#orRemoved(this.#sideCars.renew(signal));
          await this.#workspace.reset(snapshot, signal);
        }, signal),
      close() {
        closing ??= close();
        return closing;
      },
    };
  }

  remove(): Promise<void> {
    this.#isGone = true;
    this.#removal ??= this.#remove().catch((error: unknown) => {
      // The next one tries again.
      this.#removal = null;
      throw error;
    });
    return this.#removal;
  }

  async #remove(): Promise<void> {
    this.#runner.close();
    await this.#lock.end(() => thawContainer(this.#container)).catch(() => undefined);
    try {
      // The side-cars live in the cell's network, so they go first.
      await this.#sideCars.remove();
    } finally {
      try {
        await removeContainer(this.#container);
        await this.#parts.mount.discard();
      } finally {
        this.#parts.onGone();
      }
    }
  }

  async #orRemoved(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await this.remove().catch(() => undefined);
      throw error;
    }
  }

  #turn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#turns.run(async () => {
      this.#mustBeHere();
      return work();
    }, signal);
  }

  #mustBeHere(): void {
    if (this.isGone) {
      throw new SandboxLost('The sandbox is closed or gone.', 'Open a new one.');
    }
  }
}

/** The system takes no word with a NUL in it, and a shell would cut it there. */
function mustHaveWords(argv: readonly string[]): void {
  if (argv.length === 0) throw new TypeError('a command has at least a name');
  if (argv.some((word) => word.includes('\0'))) throw new TypeError('a word of a command contains NUL');
}
