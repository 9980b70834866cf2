import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';
import { explainError } from '../../../../platform/errors.ts';
import { workFolder } from '../../../../platform/workspace/write-files.ts';
import { engineAnswer } from '../../engine-answer.ts';
import { removeContainer } from '../remove-container.ts';
import { createOverlayBackend, usualOverlayRoot } from './overlay-backend.ts';
import { createTarBackend } from './tar-backend.ts';
import type { WorkspaceBackend } from './workspace.ts';

export interface BackendChoice {
  readonly backend: WorkspaceBackend;
  /** Why it is not the fast one, as a clause; null when it is. */
  readonly why: string | null;
}

export interface EngineToTry {
  readonly docker: Docker;
  /** Whether its files may be this machine's. */
  readonly isLocal: boolean;
  /** Any that it has. */
  readonly image: string;
  readonly runtime: string | undefined;
  /** Owner and expiry, for the sweep. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where overlays are mounted; the usual place unless told. */
  readonly root?: string;
}

/** Of the containers that it is tried with; what is left of one is known by it, whatever labels it has. */
export const trialPrefix = 'warroom-workspace-trial-';
const engineTimeoutMs = 20_000;
/** The container ends by itself after this, should nobody be left to remove it. */
const trialSeconds = 10;
const waitForProof = `left="$3"
  until [ "$left" -eq 0 ]; do
    if [ -e "$2" ]; then [ "$(cat "$2")" = "$1" ]; exit; fi
    left=$((left - 1)); sleep 0.05
  done
  exit 1`;
const trialUser = { uid: 10_099, gid: 10_001 };
const trialLimits = { workBytes: 1024 * 1024, workFiles: 100 };

/**
 * The fast workspace where it works, else the portable one. That an address is local proves nothing: a socket may be
 * forwarded, the engine may live in another mount namespace, and a runtime may not pass mounts on. So it is tried, with a
 * container that has to see a file that is mounted while it runs already. Takes about half a second.
 */
export async function chooseWorkspaceBackend(
  engine: EngineToTry,
  signal: AbortSignal,
): Promise<BackendChoice> {
  const tar = (why: string): BackendChoice => ({ backend: createTarBackend(), why });
  if (process.platform !== 'linux') return tar('mounts need Linux');
  if (process.getuid?.() !== 0) return tar('only root may mount');
  if (!engine.isLocal) return tar('the engine is on another machine');
  const backend = createOverlayBackend({ root: engine.root ?? usualOverlayRoot });
  try {
    const isSeen = await tryOverlay(engine, backend, signal);
    return isSeen ? { backend, why: null } : tar('the engine does not see what is mounted on this machine');
  } catch (error) {
    signal.throwIfAborted();
    return tar(`it was tried and did not work: ${explainError(error)}`);
  }
}

async function tryOverlay(
  { docker, image, runtime, labels }: EngineToTry,
  backend: WorkspaceBackend,
  signal: AbortSignal,
): Promise<boolean> {
  const name = `${trialPrefix}${randomBytes(6).toString('hex')}`;
  const proof = randomBytes(16).toString('hex');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'warroom-trial-'));
  const mount = await backend.prepare(name, trialUser, trialLimits);
  const creating = docker.createContainer({
    name,
    Image: image,
    Labels: { ...labels },
    Entrypoint: [],
    Cmd: ['/bin/sh', '-c', waitForProof, 'sh', proof, `${workFolder}/proof`, String(trialSeconds * 20)],
    User: `${trialUser.uid}:${trialUser.gid}`,
    NetworkDisabled: true,
    HostConfig: {
      ...mount.hostConfig,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      AutoRemove: true,
      ...(runtime === undefined ? {} : { Runtime: runtime }),
    },
  });
  // Whoever gives up before it is waited for has nothing to say to its failure.
  creating.catch(() => undefined);
  try {
    await writeFile(path.join(folder, 'proof'), proof);
    const container = await engineAnswer(creating, engineTimeoutMs, signal);
    const waiting = container.wait() as Promise<{ StatusCode: number }>;
    waiting.catch(() => undefined);
    await engineAnswer(container.start(), engineTimeoutMs, signal);
    const workspace = mount.bind(noCell);
    await workspace.fill(folder, signal);
    const { StatusCode } = await engineAnswer(waiting, trialSeconds * 1000, signal);
    return StatusCode === 0;
  } finally {
    await creating.then(removeContainer).catch(() => undefined);
    await mount.discard();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A workspace that is only filled asks nothing of its cell. */
const noCell = {
  exec: () => Promise.reject(new TypeError('a trial runs nothing')),
  killCommands: () => Promise.reject(new TypeError('a trial runs nothing')),
  freeze: () => Promise.reject(new TypeError('a trial runs nothing')),
  thaw: () => Promise.reject(new TypeError('a trial runs nothing')),
};
