import { createTarBackend } from '../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import { openDockerHouse } from '../support/docker-house.ts';
import { sandboxContract, stoppingContract } from './sandbox-contract.ts';

sandboxContract('Docker, the fastest workspace that works here', async () => openDockerHouse());

sandboxContract('Docker, workspaces by tar', async () =>
  openDockerHouse({ chooseBackend: async () => createTarBackend() }),
);

stoppingContract('Docker', async () => openDockerHouse({ mostOpen: 2 }));
