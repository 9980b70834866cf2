import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  createKubernetesSandboxes,
  type KubernetesSandboxOptions,
} from '../../src/adapters/kubernetes/sandbox/kubernetes-sandboxes.ts';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';
import type { SandboxProvider, SandboxSpec } from '../../src/ports/sandbox.ts';
import type { KubernetesSandboxApi } from '../support/kubernetes-sandbox-api.ts';

export const token = 'sandbox-token-5b1d';
export const image = 'warroom/sandbox-node:current';
/** As `npm run images` makes them. */
export const sideCarImages = {
  postgres: 'warroom/sandbox-postgres:current',
  redis: 'warroom/sandbox-redis:current',
};
const mib = 1024 * 1024;

/** On the stand-in, with small limits, so that attacks on them are quick. */
export function sandboxesOn(
  api: KubernetesSandboxApi,
  more: Partial<KubernetesSandboxOptions> = {},
): SandboxProvider {
  return createKubernetesSandboxes({
    cluster: { name: 'main', server: api.url, token: { env: 'K8S_TOKEN' }, caFile: null },
    secrets: createSecrets({ K8S_TOKEN: token }),
    namespace: 'warroom-sandboxes',
    images: { node: image },
    limits: {
      memoryBytes: 320 * mib,
      workBytes: 64 * mib,
      tmpBytes: 32 * mib,
      fileBytes: 48 * mib,
      lifetimeMs: 600_000,
    },
    pollMs: 50,
    ...more,
  });
}

export function makeWorkspace(files: Readonly<Record<string, string>> = { 'a.txt': 'a\n' }): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-pod-workspace-'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

export function removeWorkspace(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function specOf(workspace: string, more: Partial<SandboxSpec> = {}): SandboxSpec {
  return { incidentId: 'i1', service: 'billing', language: 'node', workspace, ...more };
}
