import { readFileSync } from 'node:fs';
import Docker from 'dockerode';
import { imageName } from '../../setup/sandbox-image.mjs';
import {
  createDockerSandboxes,
  type DockerSandboxOptions,
} from '../../src/adapters/docker/docker-sandboxes.ts';
import { ownOwner, sandboxLabels } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import type { SandboxHouse } from '../contract/sandbox-contract.ts';

const mib = 1024 * 1024;
export const docker = new Docker();

export const houseImages = { node: process.env['SANDBOX_IMAGE'] || imageName('node') };
export const houseSideCars = { postgres: imageName('postgres'), redis: imageName('redis') };

/** Small and quick to fill. */
export const smallLimits = {
  memoryBytes: 320 * mib,
  workBytes: 96 * mib,
  tmpBytes: 32 * mib,
  fileBytes: 48 * mib,
  pids: 96,
  commandPids: 64,
  lifetimeMs: 600_000,
} as const;

export function openDockerHouse(options: Partial<DockerSandboxOptions> = {}): SandboxHouse {
  const provider = createDockerSandboxes({
    images: houseImages,
    sideCarImages: houseSideCars,
    limits: smallLimits,
    mostOpen: 8,
    ...options,
  });
  return {
    provider,
    leftovers: () => leftoversOf(process.pid, ownOwner().startedAt),
    lose: (id) => docker.getContainer(id).remove({ force: true }),
    close: () => provider.close(),
  };
}

/** Containers that a process made, and its mounts. */
export async function leftoversOf(pid: number, startedAt: string): Promise<readonly string[]> {
  const found = await docker.listContainers({
    all: true,
    filters: {
      label: [`${sandboxLabels.ownerPid}=${pid}`, `${sandboxLabels.ownerStart}=${startedAt}`],
    },
  });
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.includes(`~${pid}~`));
  return [...found.map(({ Names, Id }) => Names[0] ?? Id), ...mounts];
}
