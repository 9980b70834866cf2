import { createFairGate, type FairGate } from '../../../../platform/fair-queue.ts';
import type { SideCar } from '../../../../ports/sandbox.ts';
import { engineAnswer } from '../../engine-answer.ts';
import { engineStatus } from '../../sandbox-errors.ts';
import type { Cell, SideCarImages } from '../cell.ts';
import { createCell, settleClaims } from '../create-cell.ts';
import type { SandboxLimits } from '../limits.ts';
import type { WorkspaceBackend } from '../workspace/workspace.ts';
import type { Engine, EngineFacts } from './engine.ts';
import { labelsFor, type Owner } from './owner.ts';
import { createWarmPool, type WarmPool, type WarmPoolOptions } from './warm-pool.ts';
import { type Obstacle, readShortage, type Watermarks } from './watermarks.ts';

/** What it takes to try something on an engine. */
export interface EngineTrial {
  readonly docker: Engine['docker'];
  readonly isLocal: boolean;
  /** Any that it has. */
  readonly image: string;
  readonly runtime: string | undefined;
  /** Owner and expiry, for what is made for it. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface DeskOptions {
  readonly images: Readonly<Record<string, string>>;
  readonly sideCarImages: SideCarImages;
  readonly limitsOf: (language: string) => SandboxLimits;
  readonly runtime: string | undefined;
  readonly owner: Owner;
  readonly warm: WarmPoolOptions;
  /** Open at once on one engine; null: by its cores and memory. */
  readonly mostOpen: number | null;
  readonly watermarks: Watermarks;
  /** Where workspaces live on this engine. */
  readonly chooseBackend: (trial: EngineTrial, signal: AbortSignal) => Promise<WorkspaceBackend>;
}

/** Everything of one engine that sandboxes are made of, and the account of what is taken. */
export interface EngineDesk {
  readonly engine: Engine;
  /** Sandboxes that are open or being opened. */
  readonly open: number;
  /** Asks the engine and looks at its machine, unless both were done lately. */
  refresh(maxAgeMs: number, signal: AbortSignal): Promise<void>;
  /** Room on its machine, when that is ours; without asking the engine. */
  lookAtMachine(): Promise<void>;
  /** Why nothing is opened here as things are, as a sentence; null when there is room, or will be. */
  whyNot(request: SeatRequest): Obstacle | null;
  hasRoom(request: SeatRequest): boolean;
  /** What of its memory is not promised to anybody. */
  readonly freeBytes: number;
  readonly load: number;
  /** @returns what gives it back */
  take(request: SeatRequest): () => void;
  lease(language: string, signal: AbortSignal): Promise<Cell>;
  isAlive(cell: Cell, signal: AbortSignal): Promise<boolean>;
  /** Places for commands, for which incidents take turns. */
  readonly commands: FairGate;
  /** Never rejects: what cannot be removed now is tried again by `removeLeftovers`. */
  remove(cell: Cell): Promise<void>;
  removeLeftovers(): Promise<number>;
  /** Null while there is no image to try it with: then nothing was made, either. */
  backend(signal: AbortSignal): Promise<WorkspaceBackend | null>;
  close(): Promise<void>;
}

export interface SeatRequest {
  readonly language: string;
  readonly sideCars: readonly SideCar[];
}

const mib = 1024 * 1024;
/** Of an engine's memory, for the engine itself and whatever else runs there. */
const reserveBytes = 1024 * mib;
/** What a side-car may take beside its sandbox. */
const sideCarBytes = { postgres: 1024 * mib, redis: 256 * mib } as const;
/** Of the slots of an engine; the others are for what waits warm, and for other processes. */
const mostSeats = 40;
const commandWait = { mostWaitingPerKey: 200, mostWaiting: 1_000, mostWaitMs: 10 * 60_000 };
const inspectMs = 5_000;
const chooseMs = 30_000;

export function createEngineDesk(engine: Engine, options: DeskOptions): EngineDesk {
  const { images, limitsOf, runtime, owner, warm } = options;
  const pools = new Map<string, WarmPool>();
  const leftovers = new Set<Cell>();
  const closing = new AbortController();
  let gate: FairGate | undefined;
  let backend: Promise<WorkspaceBackend> | undefined;
  let open = 0;
  let takenBytes = 0;
  let shortage: Obstacle | null = null;

  const facts = (): EngineFacts | null => (engine.state.kind === 'answers' ? engine.state.facts : null);
  const cores = (): number => facts()?.cores ?? 1;
  const roomBytes = (): number => Math.max(0, (facts()?.memoryBytes ?? 0) - reserveBytes);
  // A sandbox mostly waits for its agent to think; what computes at once is bounded by `commands`.
  const seats = (): number => Math.min(mostSeats, options.mostOpen ?? Math.max(4, 4 * cores()));

  const needOf = ({ language, sideCars }: SeatRequest): number =>
    sideCars.reduce((sum, { kind }) => sum + sideCarBytes[kind], limitsOf(language).memoryBytes);

  function anImage(): string | undefined {
    return Object.keys(images)
      .filter((language) => facts()?.missing.has(language) === false)
      .map((language) => images[language])[0];
  }

  function chooseBackend(signal: AbortSignal): Promise<WorkspaceBackend> {
    const { docker, isLocal } = engine;
    const image = anImage() ?? '';
    const labels = labelsFor(owner, new Date(Date.now() + 2 * chooseMs));
    // One choice for all who ask, so none of them can give it up.
    const given = AbortSignal.any([closing.signal, AbortSignal.timeout(chooseMs)]);
    backend ??= options
      .chooseBackend({ docker, isLocal, image, runtime, labels }, given)
      .catch((error: unknown) => {
        backend = undefined;
        throw error;
      });
    return engineAnswer(backend, chooseMs, signal);
  }

  async function make(language: string, signal: AbortSignal): Promise<Cell> {
    const limits = limitsOf(language);
    // Time that it waits warm is not taken from who gets it.
    const lifetimeMs = limits.lifetimeMs + warm.mostAgeMs;
    return createCell(
      engine.docker,
      {
        image: images[language] ?? '',
        limits: { ...limits, lifetimeMs },
        labels: labelsFor(owner, new Date(Date.now() + lifetimeMs)),
        backend: await chooseBackend(signal),
        runtime,
        systemVMemory: language === 'postgres',
      },
      signal,
    );
  }

  async function isAlive(cell: Cell, signal: AbortSignal): Promise<boolean> {
    if (cell.isGone) return false;
    try {
      const info = await engineAnswer(engine.docker.getContainer(cell.id).inspect(), inspectMs, signal);
      return info.State.Running;
    } catch (error) {
      if (engineStatus(error) === 404) return false;
      throw error;
    }
  }

  async function remove(cell: Cell): Promise<void> {
    try {
      await cell.remove();
      leftovers.delete(cell);
    } catch {
      leftovers.add(cell);
    }
  }

  async function lookAtMachine(): Promise<void> {
    const root = facts()?.rootFolder ?? null;
    shortage = root === null ? null : await readShortage({ Docker: root }, options.watermarks);
  }

  async function removeLeftovers(): Promise<number> {
    const before = leftovers.size;
    // A failure adds it again, which an iteration would not end on.
    for (const cell of Array.from(leftovers)) await remove(cell);
    return before - leftovers.size;
  }

  function poolOf(language: string): WarmPool {
    closing.signal.throwIfAborted();
    const known = pools.get(language);
    if (known !== undefined) return known;
    const made = createWarmPool({ make: (signal) => make(language, signal), isAlive, remove }, warm);
    pools.set(language, made);
    return made;
  }

  return {
    engine,
    get open() {
      return open;
    },
    get load() {
      return open / cores();
    },
    get freeBytes() {
      return roomBytes() - takenBytes;
    },
    async refresh(maxAgeMs, signal) {
      await engine.refresh(maxAgeMs, signal);
      await lookAtMachine();
    },
    lookAtMachine,
    whyNot(request) {
      const { state } = engine;
      if (state.kind === 'unknown') return away(`Docker at ${engine.name} was not asked yet`);
      if (state.kind === 'away') return away(state.why);
      if (state.facts.missing.has(request.language)) {
        return {
          message: `The sandbox image ${images[request.language]} is not at ${engine.name}, so no code can be run.`,
          hint: 'Build it with: npm run images',
        };
      }
      if (runtime !== undefined && !state.facts.runtimes.includes(runtime)) {
        return {
          message: `The Docker engine at ${engine.name} has no runtime ${runtime}, so no code can be run.`,
          hint: `It is never replaced by a weaker one: install it there, or change SANDBOX_RUNTIME. It knows: ${state.facts.runtimes.join(', ')}.`,
        };
      }
      const [absent] = request.sideCars.filter(({ kind }) => state.facts.missingSideCars.has(kind));
      if (absent !== undefined) {
        return {
          message: `The side-car image ${options.sideCarImages[absent.kind]} is not at ${engine.name}.`,
          hint: 'Build it with: npm run images',
        };
      }
      const need = needOf(request);
      if (need > roomBytes()) {
        return {
          message: `A sandbox needs ${Math.ceil(need / mib)} MB of memory, more than the machine of ${engine.name} can spare, so no code can be run.`,
          hint: 'Name a larger machine in DOCKER_HOST.',
        };
      }
      return shortage;
    },
    hasRoom: (request) => open < seats() && takenBytes + needOf(request) <= roomBytes(),
    take(request) {
      const need = needOf(request);
      open += 1;
      takenBytes += need;
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        open -= 1;
        takenBytes -= need;
      };
    },
    lease: (language, signal) => poolOf(language).lease(signal),
    isAlive,
    get commands() {
      gate ??= createFairGate(2 * cores(), commandWait);
      return gate;
    },
    remove,
    removeLeftovers,
    backend: async (signal) => {
      const isNew = backend === undefined;
      return anImage() === undefined || (isNew && closing.signal.aborted) ? null : chooseBackend(signal);
    },
    async close() {
      closing.abort(new Error('the engine is used no more'));
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      // Of a choice that was given up its container and its mount go first.
      await backend?.catch(() => undefined);
      await settleClaims(engine.docker);
      await removeLeftovers();
    },
  };
}

function away(why: string): Obstacle {
  return {
    message: `${why}, so no code can be run.`,
    hint: 'Start it, and check that this user may use it: docker info',
  };
}
