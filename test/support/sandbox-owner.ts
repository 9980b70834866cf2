import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { openDockerHouse } from './docker-house.ts';

/** A process to be killed in the middle: it holds sandboxes, one with a side-car, runs commands, and has more wait warm. */
const { provider } = openDockerHouse({ warm: { calmMs: 1 } });
const signal = AbortSignal.timeout(120_000);

function spec(incidentId: string) {
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
  writeFileSync(path.join(workspace, 'file'), 'content');
  return { incidentId, service: 'billing', language: 'node', workspace };
}

const one = await provider.open(spec('i1'), signal);
const two = await provider.open({ ...spec('i2'), sideCars: [{ kind: 'redis' }] }, signal);
for (const sandbox of [one, two]) {
  void sandbox
    .run(['sleep', '600'], { timeoutMs: 600_000, outputBytes: 1_000 }, signal)
    .catch(() => undefined);
}
process.send?.({ pid: process.pid, startedAt: ownOwner().startedAt });
// More are being opened at any moment.
for (;;) await (await provider.open(spec('i3'), signal)).close();
