import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startSandboxSweeper } from '../../src/jobs/sandbox-sweeper.ts';
import { silentLog } from '../../src/platform/log.ts';
import { leftoversOf, openDockerHouse } from '../support/docker-house.ts';

const calm = AbortSignal.timeout(280_000);
const owner = path.join(import.meta.dirname, '../support/sandbox-owner.ts');

async function killInTheMiddle(): Promise<{ pid: number; startedAt: string }> {
  const child = fork(owner, { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gone = once(child, 'exit');
  const told = once(child, 'message', { signal: calm });
  const [who] = (await Promise.race([
    told,
    gone.then(() => Promise.reject(new Error('it ended by itself'))),
  ])) as [{ pid: number; startedAt: string }];
  child.kill('SIGKILL');
  await gone;
  return who;
}

it('of a process that was killed in the middle nothing is left: the sweeper of another one takes it', async () => {
  const { provider } = openDockerHouse();
  onTestFinished(() => provider.close());
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'warroom-workspace-'));
  onTestFinished(() => rmSync(workspace, { recursive: true }));
  const mine = await provider.open({ incidentId: 'i', service: 's', language: 'node', workspace }, calm);
  onTestFinished(() => mine.close());
  const { pid, startedAt } = await killInTheMiddle();
  const left = await leftoversOf(pid, startedAt);
  expect(left.filter((name) => name.startsWith('/warroom-sandbox')).length).toBeGreaterThanOrEqual(2);

  const stop = startSandboxSweeper(provider, silentLog, 500);
  onTestFinished(stop);

  await expect.poll(() => leftoversOf(pid, startedAt), { timeout: 30_000, interval: 250 }).toEqual([]);
  expect((await mine.run(['echo', 'alive'], { timeoutMs: 10_000, outputBytes: 100 }, calm)).output).toBe(
    'alive\n',
  );
});
