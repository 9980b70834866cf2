import Docker from 'dockerode';
import { expect } from 'vitest';
import { clusterLabel } from '../support/kubernetes-pods.ts';
import { startKubernetesSandboxApi } from '../support/kubernetes-sandbox-api.ts';
import { sandboxesOn, sideCarImages, token } from './kubernetes-sandbox-house.ts';
import { sandboxContract } from './sandbox-contract.ts';

const docker = new Docker();

sandboxContract('Kubernetes, on a stand-in with real containers', async () => {
  const api = await startKubernetesSandboxApi(token);
  return {
    provider: sandboxesOn(api, { sideCarImages }),
    async leftovers() {
      const filters = { label: [`${clusterLabel}=${api.id}`] };
      const containers = await docker.listContainers({ all: true, filters });
      const { Volumes } = await docker.listVolumes({ filters });
      return [...api.jobs.keys(), ...containers.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)];
    },
    lose: (id) => api.evict(id),
    async close() {
      await api.stop();
      expect(api.violations).toEqual([]);
    },
  };
});
