import type { DockerHost } from '../../config/docker-hosts.ts';
import { createFairQueue, type FairQueue, WaitedInVain } from '../../platform/fair-queue.ts';
import type { Sandbox, SandboxProvider, SandboxSpec, SideCar } from '../../ports/sandbox.ts';
import { SideCarUnavailable } from '../../ports/sandbox-errors.ts';
import type { Cell, SideCarImages } from './sandbox/cell.ts';
import { SlotsTaken } from './sandbox/create-cell.ts';
import type { SandboxLimits } from './sandbox/limits.ts';
import { defaultLimits, replicaLimits } from './sandbox/provider/default-limits.ts';
import { createEngine } from './sandbox/provider/engine.ts';
import { addressOf, type EngineTls, usualEngine } from './sandbox/provider/engine-address.ts';
import {
  createEngineDesk,
  type EngineDesk,
  type EngineTrial,
  type SeatRequest,
} from './sandbox/provider/engine-desk.ts';
import { inTurn } from './sandbox/provider/in-turn.ts';
import { ownOwner } from './sandbox/provider/owner.ts';
import { sweepEngine } from './sandbox/provider/sweep-engine.ts';
import { defaultWarmPool, type WarmPoolOptions } from './sandbox/provider/warm-pool.ts';
import {
  defaultWatermarks,
  type Obstacle,
  readShortage,
  type WatchedFolders,
  type Watermarks,
} from './sandbox/provider/watermarks.ts';
import { chooseWorkspaceBackend } from './sandbox/workspace/choose-backend.ts';
import type { WorkspaceBackend } from './sandbox/workspace/workspace.ts';
import { SandboxLost, SandboxUnavailable } from './sandbox-errors.ts';

export interface DockerSandboxOptions {
  /** Image by language of the service. */
  readonly images: Readonly<Record<string, string>>;
  readonly sideCarImages?: SideCarImages;
  /** Engines, the least loaded first; without any the one that the environment names, or the usual one. */
  readonly hosts?: readonly DockerHost[];
  /** For hosts that are reached by tcp. */
  readonly tls?: EngineTls;
  /** Of every sandbox but a database's, which has its own. */
  readonly limits?: Partial<SandboxLimits>;
  /** Container runtime to ask for (`runsc`); an engine that does not have it is not used. */
  readonly runtime?: string;
  readonly warm?: Partial<WarmPoolOptions>;
  /** Open at once on one engine; default: four times its cores, as far as its memory goes. */
  readonly mostOpen?: number;
  /** Default 40. */
  readonly mostWaitingPerIncident?: number;
  /** Default 5 min: somebody waits in a room. */
  readonly mostWaitMs?: number;
  readonly watermarks?: Partial<Watermarks>;
  /** Folders of this machine that must not fill up, by what a person calls them. */
  readonly watch?: WatchedFolders;
  /** Where workspaces live; default: the fast one where it works. */
  readonly chooseBackend?: (trial: EngineTrial, signal: AbortSignal) => Promise<WorkspaceBackend>;
}

interface Seat {
  readonly desk: EngineDesk;
  readonly giveBack: () => void;
}

interface SeatWish extends SeatRequest {
  /** Where it was tried already. */
  readonly tried: ReadonlySet<EngineDesk>;
}

/** What is known of an engine is used for so long without asking again. */
const knownMs = 30_000;
/** For who asks whether there is a sandbox. */
const lookedAtMs = 1_000;
/** A warm cell can die at the moment when it is handed out; all of them do not. */
const mostLeases = 3;

/** Sandboxes as containers of one or several Docker engines. */
export function createDockerSandboxes(options: DockerSandboxOptions): SandboxProvider {
  const { images, sideCarImages = {}, hosts = [], tls = null, watch = {} } = options;
  const { mostWaitingPerIncident = 40, mostWaitMs = 5 * 60_000 } = options;
  const watermarks = { ...defaultWatermarks, ...options.watermarks };
  const addresses = hosts.length === 0 ? [usualEngine] : hosts.map((host) => addressOf(host, tls));
  const owner = ownOwner();
  const limitsOf = (language: string): SandboxLimits =>
    language === 'postgres' ? replicaLimits : { ...defaultLimits, ...options.limits };
  const stopping = new AbortController();
  /** Under way; what each has made is handed over or gone when it has settled. */
  const openings = new Set<Promise<unknown>>();

  const desks: readonly EngineDesk[] = addresses.map((address) =>
    createEngineDesk(createEngine(address, { images, sideCarImages, onChange: () => queue.serve() }), {
      images,
      sideCarImages,
      limitsOf,
      runtime: options.runtime,
      owner,
      warm: { ...defaultWarmPool, ...options.warm },
      mostOpen: options.mostOpen ?? null,
      watermarks,
      chooseBackend: options.chooseBackend ?? chooseFastest,
    }),
  );

  const queue: FairQueue<SeatWish, Seat> = createFairQueue({
    mostWaitingPerKey: mostWaitingPerIncident,
    mostWaiting: 200,
    mostWaitMs,
    admit,
  });

  function admit(wish: SeatWish, withheld: ReadonlySet<string>): { place: Seat } | { waitsFor: string[] } {
    const able = desks.filter((desk) => !wish.tried.has(desk) && desk.whyNot(wish) === null);
    if (able.length === 0) throw unavailableFor(wish);
    const [desk] = able
      .filter((one) => !withheld.has(one.engine.name) && one.hasRoom(wish))
      .sort((a, b) => a.load - b.load || b.freeBytes - a.freeBytes);
    if (desk === undefined) return { waitsFor: able.map(({ engine }) => engine.name) };
    const giveBack = desk.take(wish);
    return {
      place: {
        desk,
        giveBack: () => {
          giveBack();
          queue.serve();
        },
      },
    };
  }

  /** Every engine has its own reason; the one of the engine that came closest is said. */
  function unavailableFor(wish: SeatRequest): SandboxUnavailable {
    const obstacles = desks.map((desk) => desk.whyNot(wish)).filter((one) => one !== null);
    const answering = desks.find(({ engine }) => engine.state.kind === 'answers')?.whyNot(wish);
    const { message, hint } = answering ?? obstacles[0] ?? noImage;
    const others = obstacles.length > 1 ? ` None of ${desks.length} engines can.` : '';
    const cannot = (sideCars: readonly SideCar[]): boolean =>
      desks.every((desk) => desk.whyNot({ ...wish, sideCars }) !== null);
    const sideCar = wish.sideCars.find((one) => cannot([one])) ?? wish.sideCars[0];
    // Without it there would be a sandbox.
    return sideCar === undefined || cannot([])
      ? new SandboxUnavailable(`${message}${others}`, hint)
      : new SideCarUnavailable({ kind: sideCar.kind }, `${message}${others}`, hint);
  }

  async function unavailable(signal: AbortSignal): Promise<string | null> {
    if (stopping.signal.aborted) return sayObstacle(closing);
    const languages = Object.keys(images);
    if (languages.length === 0) return sayObstacle(noImage);
    const full = await readShortage(watch, watermarks);
    if (full !== null) return sayObstacle(full);
    await Promise.all(desks.map((desk) => desk.refresh(lookedAtMs, signal)));
    const wishes = languages.map((language) => ({ language, sideCars: [] }));
    if (desks.some((desk) => wishes.some((wish) => desk.whyNot(wish) === null))) return null;
    const [first] = wishes;
    return first === undefined ? null : sayObstacle(unavailableFor(first));
  }

  /** Waits only for what nothing can be done without. */
  async function learn(signal: AbortSignal): Promise<void> {
    const learning = desks.map((desk) => ({
      isNew: desk.engine.state.kind === 'unknown',
      done: desk.refresh(knownMs, signal),
    }));
    for (const { done } of learning) done.catch(() => undefined);
    await Promise.all(learning.filter(({ isNew }) => isNew).map(({ done }) => done));
    await Promise.all(desks.map((desk) => desk.lookAtMachine()));
    const isAnyKnown = desks.some(({ engine }) => engine.state.kind === 'answers');
    if (!isAnyKnown) await Promise.all(learning.map(({ done }) => done));
  }

  async function takeSeat(incidentId: string, wish: SeatWish, signal: AbortSignal): Promise<Seat> {
    try {
      return await queue.take(incidentId, wish, signal);
    } catch (error) {
      if (!(error instanceof WaitedInVain)) throw error;
      const open = desks.reduce((sum, desk) => sum + desk.open, 0);
      throw new SandboxUnavailable(
        error.why === 'too-many'
          ? `All ${open} places for sandboxes are taken, and too many wait for one already.`
          : `All ${open} places for sandboxes are taken, and none became free in time.`,
        'It goes on when others are done; more engines in DOCKER_HOST are more places.',
        { cause: error },
      );
    }
  }

  async function open(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    const opening = openUnlessStopping(spec, signal);
    openings.add(opening);
    try {
      return await opening;
    } finally {
      openings.delete(opening);
    }
  }

  async function openUnlessStopping(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    try {
      stopping.signal.throwIfAborted();
      const sandbox = await openSomewhere(spec, AbortSignal.any([signal, stopping.signal]));
      if (stopping.signal.aborted) await sandbox.close();
      stopping.signal.throwIfAborted();
      return sandbox;
    } catch (error) {
      signal.throwIfAborted();
      if (!stopping.signal.aborted) throw error;
      throw new SandboxUnavailable(closing.message, closing.hint, { cause: error });
    }
  }

  async function openSomewhere(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    const { language, sideCars = [] } = spec;
    if (images[language] === undefined) {
      throw new SandboxUnavailable(
        `There is no sandbox image for ${language}.`,
        `Known languages: ${Object.keys(images).join(', ') || 'none'}.`,
      );
    }
    const unknown = sideCars.find(({ kind }) => sideCarImages[kind] === undefined);
    if (unknown !== undefined) {
      const { kind } = unknown;
      throw new SideCarUnavailable(
        { kind },
        `There is no image for the side-car ${kind}.`,
        'Build it with: npm run images',
      );
    }
    const full = await readShortage(watch, watermarks);
    if (full !== null) throw new SandboxUnavailable(full.message, full.hint);
    await learn(signal);
    const tried = new Set<EngineDesk>();
    let failure: unknown = null;
    for (;;) {
      const seat = takeSeat(spec.incidentId, { language, sideCars, tried }, signal);
      const { desk, giveBack } = await seat.catch((error: unknown) => {
        signal.throwIfAborted();
        throw failure ?? error;
      });
      try {
        return await openAt(desk, spec, giveBack, signal);
      } catch (error) {
        giveBack();
        signal.throwIfAborted();
        tried.add(desk);
        // Another engine may do what this one does not; with none left this one's answer is the answer.
        const isOver = !(error instanceof SandboxUnavailable) || tried.size === desks.length;
        if (isOver || (!(error instanceof SlotsTaken) && (await stillAnswers(desk, signal)))) throw error;
        failure = error;
      }
    }
  }

  /** It may have failed because it is away, or because its image is: then others are tried. */
  async function stillAnswers(desk: EngineDesk, signal: AbortSignal): Promise<boolean> {
    await desk.refresh(0, signal);
    return desk.whyNot({ language: '', sideCars: [] }) === null;
  }

  async function openAt(
    desk: EngineDesk,
    spec: SandboxSpec,
    giveBack: () => void,
    signal: AbortSignal,
  ): Promise<Sandbox> {
    const cell = await leaseFilled(desk, spec, signal);
    try {
      const { sideCars = [] } = spec;
      if (sideCars.length > 0) await cell.startSideCars(sideCars, sideCarImages, signal);
      signal.throwIfAborted();
    } catch (error) {
      await desk.remove(cell);
      throw error;
    }
    const sandbox = cell.toSandbox(async () => {
      await desk.remove(cell);
      giveBack();
    });
    return inTurn(sandbox, desk, spec.incidentId);
  }

  async function leaseFilled(desk: EngineDesk, spec: SandboxSpec, signal: AbortSignal): Promise<Cell> {
    for (let lease = 1; ; lease += 1) {
      const cell = await desk.lease(spec.language, signal);
      try {
        // Both at once, since somebody waits; both to their end, so that nothing is removed in the middle of being filled.
        const [filled, alive] = await Promise.allSettled([
          cell.fill(spec.workspace, signal),
          desk.isAlive(cell, signal),
        ]);
        if (alive.status === 'rejected') throw alive.reason;
        if (!alive.value) throw new SandboxLost('The cell died while it waited.', 'Another one is taken.');
        if (filled.status === 'rejected') throw filled.reason;
        return cell;
      } catch (error) {
        await desk.remove(cell);
        signal.throwIfAborted();
        if (!(error instanceof SandboxLost) || lease === mostLeases) throw error;
      }
    }
  }

  async function sweep(signal: AbortSignal): Promise<number> {
    let removed = 0;
    let failure: unknown = null;
    const sweeps = desks.map(async (desk) => {
      await desk.refresh(knownMs, signal);
      if (desk.engine.state.kind === 'away')
        throw new SandboxUnavailable(`${desk.engine.state.why}.`, 'docker info');
      removed += await sweepEngine(desk, signal);
    });
    for (const outcome of await Promise.allSettled(sweeps)) {
      if (outcome.status === 'rejected') failure ??= outcome.reason;
    }
    if (failure !== null && removed === 0) throw failure;
    return removed;
  }

  async function close(): Promise<void> {
    stopping.abort(new Error(closing.message));
    // Each has its deadlines, so this ends; only then there is nothing any more that could make a pool.
    await Promise.allSettled(openings);
    await Promise.all(desks.map((desk) => desk.close()));
  }

  return { unavailable, open, sweep, close };
}

async function chooseFastest(trial: EngineTrial, signal: AbortSignal): Promise<WorkspaceBackend> {
  return (await chooseWorkspaceBackend(trial, signal)).backend;
}

const noImage: Obstacle = {
  message: 'No sandbox image is configured, so no code can be run.',
  hint: 'Build it with: npm run images',
};
const closing: Obstacle = {
  message: 'Warroom is stopping, so no code is run any more.',
  hint: 'Ask again when it has started.',
};

function sayObstacle({ message, hint }: Obstacle): string {
  return `${message} ${hint}`;
}
