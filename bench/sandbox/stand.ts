import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import {
  createDockerSandboxes,
  type DockerSandboxOptions,
} from '../../src/adapters/docker/docker-sandboxes.ts';
import type { SandboxProvider, SandboxSpec } from '../../src/ports/sandbox.ts';

export const docker = new Docker();
export const images = {
  node: process.env['SANDBOX_IMAGE'] || 'warroom/sandbox-node:current',
  postgres: 'warroom/sandbox-postgres:current',
  redis: 'warroom/sandbox-redis:current',
};
export const usual = { timeoutMs: 60_000, outputBytes: 64 * 1024 };

export function openProvider(options: Partial<DockerSandboxOptions> = {}): SandboxProvider {
  return createDockerSandboxes({
    images: { node: images.node },
    sideCarImages: { postgres: images.postgres, redis: images.redis },
    ...options,
  });
}

/** Folders of one benchmark, which are removed with it. */
export interface Stand {
  readonly signal: AbortSignal;
  /** A folder below the usual place for temporary files. */
  folder(): Promise<string>;
  spec(more?: Partial<SandboxSpec>): Promise<SandboxSpec>;
  close(): Promise<void>;
}

export function openStand(): Stand {
  const folders: string[] = [];
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(path.join(os.tmpdir(), 'warroom-bench-'));
    folders.push(made);
    return made;
  };
  return {
    signal: AbortSignal.timeout(30 * 60_000),
    folder,
    async spec(more = {}) {
      const workspace = await folder();
      await writeFile(path.join(workspace, 'file.txt'), 'content\n');
      return { incidentId: 'bench', service: 'bench', language: 'node', workspace, ...more };
    },
    async close() {
      for (const one of folders) await rm(one, { recursive: true, force: true });
    },
  };
}

/** As little as the engine itself can do: no limits, no users, no workspace. */
export async function startRaw(): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: images.node,
    Entrypoint: [],
    Cmd: ['sleep', '3600'],
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  });
  await container.start();
  return container;
}

/** Runs a command by the engine's own exec and waits for its output and exit code. */
export async function execRaw(container: Docker.Container, argv: readonly string[]): Promise<void> {
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  stream.resume();
  await new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve));
  await exec.inspect();
}
