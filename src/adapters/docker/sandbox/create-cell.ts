import { randomBytes, randomInt } from 'node:crypto';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';
import { WarroomError } from '../../../platform/errors.ts';
import { SandboxUnavailable } from '../../../ports/sandbox-errors.ts';
import { engineAnswer } from '../engine-answer.ts';
import { engineStatus } from '../sandbox-errors.ts';
import type { Cell, CellRequest } from './cell.ts';
import { requireRuntime } from './check-runtime.ts';
import { cellProfile } from './profile.ts';
import { removeContainer } from './remove-container.ts';
import { RunningCell } from './running-cell.ts';
import { commandUserOf, slotCount } from './users.ts';
import type { CommandUser, WorkspaceMount } from './workspace/workspace.ts';

/** Another engine may have some. */
export class SlotsTaken extends SandboxUnavailable {}

const engineTimeoutMs = 30_000;
/** Processes that the keeper, an exec that begins and the resident runner need beside the commands'. */
const keeperPids = 16;
const namePrefix = 'warroom-sandbox-';

/** Slots that this process knows to be taken, so that it seldom asks for one in vain. The engine decides. */
const known = new WeakMap<Docker, Set<number>>();

/** Claims that were given up while the engine was making their container. */
const givenUp = new WeakMap<Docker, Set<Promise<void>>>();

interface Claim {
  readonly slot: number;
  readonly user: CommandUser;
  readonly mount: WorkspaceMount;
  readonly container: Container;
}

/**
 * Claims a slot and starts a container in it. Nothing is left behind when it fails or is given up.
 * @throws SlotsTaken, or SandboxUnavailable when there is no such image or runtime, or no answer
 */
export async function createCell(engine: Docker, request: CellRequest, signal: AbortSignal): Promise<Cell> {
  const { limits, runtime } = request;
  if (limits.pids - limits.commandPids < keeperPids) {
    throw new TypeError(`pids must be at least ${keeperPids} above commandPids`);
  }
  signal.throwIfAborted();
  if (runtime !== undefined) await requireRuntime(engine, runtime, signal);
  const { slot, user, mount, container } = await claimSlot(engine, request, signal);
  const onGone = (): void => {
    takenOf(engine).delete(slot);
  };
  try {
    await engineAnswer(container.start(), engineTimeoutMs, signal);
    return new RunningCell(container, engine, { slot, user, request, mount, onGone });
  } catch (error) {
    await discard(mount, container);
    onGone();
    throw asUnavailable(error, request, signal);
  }
}

/** The name of the container is the claim: the engine gives one only once. */
async function claimSlot(engine: Docker, request: CellRequest, signal: AbortSignal): Promise<Claim> {
  const taken = takenOf(engine);
  const free = Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  // From anywhere, so that processes that share an engine seldom meet.
  const first = free.length === 0 ? 0 : randomInt(free.length);
  const inTurn = [...free.slice(first), ...free.slice(0, first)];
  let foreign: ReadonlySet<number> | null = null;
  for (const slot of inTurn) {
    if (foreign?.has(slot) || taken.has(slot)) continue;
    taken.add(slot);
    try {
      const claim = await tryClaim(engine, slot, request, signal);
      if (claim !== null) return claim;
    } catch (error) {
      taken.delete(slot);
      throw asUnavailable(error, request, signal);
    }
    taken.delete(slot);
    foreign ??= await listTaken(engine, signal);
  }
  throw new SlotsTaken(
    `All ${slotCount} places for sandboxes of this Docker engine are taken.`,
    'Wait until one is closed, or name more engines.',
  );
}

/** Null when the slot is another's. */
async function tryClaim(
  engine: Docker,
  slot: number,
  request: CellRequest,
  signal: AbortSignal,
): Promise<Claim | null> {
  const { image, limits, labels, runtime, backend, systemVMemory = false } = request;
  const user = commandUserOf(slot);
  const mount = await backend.prepare(`${slot}-${randomBytes(6).toString('hex')}`, user, limits);
  const creating = engine.createContainer({
    name: `${namePrefix}${slot}`,
    ...cellProfile({ image, limits, labels, runtime, user, workspace: mount.hostConfig, systemVMemory }),
  });
  try {
    const container = await engineAnswer(creating, engineTimeoutMs, signal);
    return { slot, user, mount, container };
  } catch (error) {
    // It may still come into being after nobody waits for it.
    const gone = creating.then(
      (container) => discard(mount, container),
      () => mount.discard().catch(() => undefined),
    );
    const pending = givenUp.get(engine) ?? new Set();
    givenUp.set(engine, pending.add(gone));
    void gone.finally(() => pending.delete(gone));
    if (engineStatus(error) === 409) return null;
    throw error;
  }
}

/** Resolves when nothing is left of claims that were given up, or the engine did not answer in time. */
export async function settleClaims(engine: Docker): Promise<void> {
  const settled = Promise.all(Array.from(givenUp.get(engine) ?? []));
  await engineAnswer(settled, engineTimeoutMs).catch(() => undefined);
}

async function listTaken(engine: Docker, signal: AbortSignal): Promise<ReadonlySet<number>> {
  const listing = engine.listContainers({ all: true, filters: { name: [namePrefix] } });
  const found = await engineAnswer(listing, engineTimeoutMs, signal);
  const names = found.flatMap(({ Names }) => Names);
  return new Set(names.map((name) => Number(name.slice(name.indexOf(namePrefix) + namePrefix.length))));
}

function takenOf(engine: Docker): Set<number> {
  const slots = known.get(engine) ?? new Set();
  known.set(engine, slots);
  return slots;
}

/** What cannot be removed now the sweep removes later. */
async function discard(mount: WorkspaceMount, container: Container): Promise<void> {
  await removeContainer(container).catch(() => undefined);
  await mount.discard().catch(() => undefined);
}

function asUnavailable(error: unknown, { image }: CellRequest, signal: AbortSignal): unknown {
  signal.throwIfAborted();
  if (error instanceof WarroomError) return error;
  return engineStatus(error) === 404
    ? new SandboxUnavailable(`The sandbox image ${image} is not here.`, 'Build it with: npm run images', {
        cause: error,
      })
    : new SandboxUnavailable('Docker could not make a sandbox.', 'Check: docker info', { cause: error });
}
