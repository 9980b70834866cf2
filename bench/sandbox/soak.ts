import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import type { Benchmark, Figure } from '../benchmark.ts';
import { docker, openProvider, openStand, type Stand, usual } from './stand.ts';

type Kill = 'none' | 'container' | 'tree' | 'opening' | 'process';

const owner = path.join(import.meta.dirname, 'soak-owner.ts');
/** Of the process itself: caches and compiled code have their size by then. */
const warmUpShare = 0.2;
const mostGrowthBytes = 64e6;

/** Sandboxes in a row, each of which may be killed in some way; then what is left of them is counted. */
export const sandboxSoak: Benchmark = {
  name: 'sandbox-soak',
  about: '500 sandboxes in a row under random kills, and what they leave behind',
  async run({ short, say }): Promise<Figure[]> {
    const count = short ? 40 : 500;
    const stand = openStand();
    const provider = openProvider({ warm: { calmMs: 1 } });
    const pids = new Set([process.pid]);
    const before = { containers: await ownContainers(), volumes: await volumes(), mounts: await mounts() };
    const kills: Record<Kill, number> = { none: 0, container: 0, tree: 0, opening: 0, process: 0 };
    let settled = { handles: 0, bytes: 0 };
    for (let turn = 0; turn < count; turn += 1) {
      const kill = choose(turn);
      kills[kill] += 1;
      if (kill === 'process') pids.add(await killProcess());
      else await useOne(provider, stand, kill);
      if (turn === Math.floor(count * warmUpShare)) settled = await readOwn();
      if (turn % 50 === 49) say(`${turn + 1} of ${count}`);
    }
    await provider.sweep(stand.signal);
    const end = await readOwn();
    await provider.close();
    const last = openProvider();
    const deadlineMs = Date.now() + 60_000;
    let left = await ownContainers();
    while (left > before.containers && Date.now() < deadlineMs) {
      await last.sweep(stand.signal);
      await sleep(500);
      left = await ownContainers();
    }
    await last.sweep(stand.signal);
    await last.close();
    await stand.close();
    const none = (metric: string, value: number): Figure => ({
      metric,
      value,
      unit: 'left',
      target: `none after ${count} sandboxes (${JSON.stringify(kills)})`,
      ok: value <= 0,
    });
    const growth = end.bytes - settled.bytes;
    return [
      { metric: 'sandboxes', value: count, unit: 'opened or killed', ok: true },
      none('containers', left - before.containers),
      none('volumes', (await volumes()) - before.volumes),
      none('mounts', (await mounts()) - before.mounts),
      {
        ...none('handles', end.handles - settled.handles),
        target: 'at most 10 more',
        ok: end.handles - settled.handles <= 10,
      },
      {
        metric: 'memory',
        value: Math.round(growth / 1e6),
        unit: 'MB more',
        target: 'at most 64',
        ok: growth <= mostGrowthBytes,
      },
    ];

    /** Containers of this process and of those that it had killed; others may be at work, too. */
    async function ownContainers(): Promise<number> {
      const found = await docker.listContainers({ all: true, filters: { label: ['dev.warroom.sandbox'] } });
      return found.filter(({ Labels }) => pids.has(Number(Labels['dev.warroom.sandbox.owner-pid']))).length;
    }

    async function mounts(): Promise<number> {
      const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
      return lines.filter((line) => [...pids].some((pid) => line.includes(`~${pid}~`))).length;
    }
  },
};

/** The same for every run, and each kind often. */
function choose(turn: number): Kill {
  if (turn % 25 === 12) return 'process';
  const dice = Math.imul(turn + 1, 2_654_435_761) >>> 0;
  return (['none', 'container', 'tree', 'opening'] as const)[(dice >>> 16) % 4] ?? 'none';
}

async function useOne(provider: SandboxProvider, stand: Stand, kill: Kill): Promise<void> {
  const spec = await stand.spec();
  const caller = new AbortController();
  if (kill === 'opening') setTimeout(() => caller.abort(new Error('given up')), Math.random() * 150);
  const sandbox = await provider.open(spec, caller.signal).catch((error: unknown) => {
    if (kill === 'opening') return null;
    throw error;
  });
  if (sandbox === null) return;
  try {
    const argv = kill === 'none' ? ['true'] : ['/bin/sh', '-c', 'setsid sleep 60 & sleep 61'];
    const running = sandbox.run(argv, { ...usual, timeoutMs: kill === 'tree' ? 100 : 5_000 }, stand.signal);
    running.catch(() => undefined);
    if (kill === 'container') {
      await sleep(Math.random() * 100);
      await docker
        .getContainer(sandbox.id)
        .remove({ force: true })
        .catch(() => undefined);
    }
    if (kill !== 'opening') await running.catch(() => undefined);
  } finally {
    await sandbox.close();
  }
}

async function killProcess(): Promise<number> {
  const child: ChildProcess = fork(owner, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child, 'message'), ended]);
  await sleep(Math.random() * 300);
  child.kill('SIGKILL');
  await ended;
  return child.pid ?? 0;
}

async function volumes(): Promise<number> {
  return (await docker.listVolumes()).Volumes?.length ?? 0;
}

/** The least within three seconds: what is being removed or made anew at the moment is not left behind. */
async function readOwn(): Promise<{ handles: number; bytes: number }> {
  let handles = Number.POSITIVE_INFINITY;
  for (const untilMs = Date.now() + 3_000; Date.now() < untilMs; await sleep(100)) {
    handles = Math.min(handles, (await readdir('/proc/self/fd')).length);
  }
  return { handles, bytes: process.memoryUsage().rss };
}
