import os from 'node:os';
import Docker from 'dockerode';
import { isRunning, ownProcess } from '../../platform/process-identity.ts';
import type { SandboxProvider, SandboxSpec } from '../../ports/sandbox.ts';
import {
  containerProfile,
  defaultLimits,
  labelsFor,
  replicaLimits,
  type SandboxLimits,
  sandboxLabels,
} from './container-profile.ts';
import { DockerSandbox, removeContainer } from './docker-sandbox.ts';
import { engineAnswer } from './engine-answer.ts';
import { engineStatus, SandboxUnavailable } from './sandbox-errors.ts';
import { listWorkspace } from './workspace-archive.ts';

export interface DockerSandboxOptions {
  /** Image by language of the service. */
  readonly images: Readonly<Record<string, string>>;
  /** Of every sandbox but a database's, which has its own. */
  readonly limits?: Partial<SandboxLimits>;
  /** Container runtime to ask for (`runsc`); the engine refuses when it does not have it. */
  readonly runtime?: string;
  /** Socket of the engine; without it the one that the environment names, or the usual one. */
  readonly socketPath?: string;
}

const pingTimeoutMs = 3_000;
const engineTimeoutMs = 30_000;

/** Sandboxes as containers of a Docker engine. */
export function createDockerSandboxes(options: DockerSandboxOptions): SandboxProvider {
  const docker = new Docker(options.socketPath === undefined ? {} : { socketPath: options.socketPath });
  const limitsOf = (language: string): SandboxLimits =>
    language === 'postgres' ? replicaLimits : { ...defaultLimits, ...options.limits };
  const owner = { host: os.hostname(), ...ownProcess() };

  async function hasImage(image: string): Promise<boolean> {
    try {
      await docker.getImage(image).inspect();
      return true;
    } catch (error) {
      if (engineStatus(error) === 404) return false;
      throw error;
    }
  }

  async function unavailable(signal: AbortSignal): Promise<string | null> {
    try {
      await engineAnswer(docker.ping(), pingTimeoutMs, signal);
      const images = Object.values(options.images);
      for (const image of images) if (await engineAnswer(hasImage(image), pingTimeoutMs, signal)) return null;
      return images.length === 0
        ? 'No sandbox image is configured, so no code can be run.'
        : `The sandbox image ${images.join(', ')} is not here, so no code can be run. Build it with: npm run images`;
    } catch (error) {
      signal.throwIfAborted();
      const detail = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      return `Docker gives no answer${detail}, so no code can be run. Start it, and check that this user may use it: docker info`;
    }
  }

  async function open(spec: SandboxSpec, signal: AbortSignal): Promise<DockerSandbox> {
    const image = options.images[spec.language];
    if (image === undefined) {
      throw new SandboxUnavailable(
        `There is no sandbox image for ${spec.language}.`,
        `Known languages: ${Object.keys(options.images).join(', ') || 'none'}.`,
      );
    }
    const limits = limitsOf(spec.language);
    const files = await listWorkspace(
      spec.workspace,
      { files: limits.workFiles / 2, bytes: limits.workBytes / 2 },
      signal,
    );
    const sandbox = await create(
      image,
      spec,
      AbortSignal.any([signal, AbortSignal.timeout(engineTimeoutMs)]),
    );
    try {
      await sandbox.fill(spec.workspace, files, signal);
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  async function create(image: string, spec: SandboxSpec, signal: AbortSignal): Promise<DockerSandbox> {
    const limits = limitsOf(spec.language);
    const expires = new Date(Date.now() + limits.lifetimeMs);
    const labels = labelsFor(spec, owner, expires);
    signal.throwIfAborted();
    const creating = docker.createContainer(
      containerProfile({ image, limits, labels, runtime: options.runtime }),
    );
    const container = await engineAnswer(creating, engineTimeoutMs, signal).catch((error: unknown) => {
      // It may still come into being after nobody waits for it.
      creating.then(removeContainer).catch(() => undefined);
      signal.throwIfAborted();
      throw engineStatus(error) === 404
        ? new SandboxUnavailable(`The sandbox image ${image} is not here.`, 'Build it with: npm run images', {
            cause: error,
          })
        : new SandboxUnavailable('Docker could not make a sandbox.', 'Check: docker info', { cause: error });
    });
    try {
      await engineAnswer(container.start(), engineTimeoutMs, signal);
    } catch (error) {
      await removeContainer(container);
      signal.throwIfAborted();
      throw new SandboxUnavailable('Docker could not start the sandbox.', 'Check: docker info', {
        cause: error,
      });
    }
    return new DockerSandbox(container);
  }

  /** Also those that were created and never started, which the engine's own auto-removal leaves. */
  async function sweep(signal: AbortSignal): Promise<number> {
    const listing = docker.listContainers({ all: true, filters: { label: [sandboxLabels.mark] } });
    const found = await engineAnswer(listing, engineTimeoutMs, signal);
    let removed = 0;
    for (const { Id, Labels } of found) {
      signal.throwIfAborted();
      if (!isOrphan(Labels, owner.host)) continue;
      await removeContainer(docker.getContainer(Id));
      removed += 1;
    }
    return removed;
  }

  return { unavailable, open, sweep };
}

function isOrphan(labels: Readonly<Record<string, string>>, host: string): boolean {
  const expires = Date.parse(labels[sandboxLabels.expires] ?? '');
  if (!(expires > Date.now())) return true;
  // Only its own machine can tell whether an owner is alive; the others wait for the expiry.
  if (labels[sandboxLabels.ownerHost] !== host) return false;
  return !isRunning({
    pid: Number(labels[sandboxLabels.ownerPid]),
    startedAt: labels[sandboxLabels.ownerStart] ?? '',
  });
}
