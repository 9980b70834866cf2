import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Figure, quantile } from '../benchmark.ts';
import { compare, inTurns, round, timed } from './figures.ts';
import { docker, execRaw, openProvider, type Stand, startRaw, usual } from './stand.ts';

const run = promisify(execFile);
/** After this nothing is left of what the turn before began. */
const calmMs = 900;

export async function measureCold(stand: Stand, times: number): Promise<Figure> {
  // Nothing waits warm for as long as this takes.
  const provider = openProvider({ warm: { calmMs: 3_600_000 } });
  const pair = await inTurns(
    times,
    async () => {
      const spec = await stand.spec();
      const began = performance.now();
      const sandbox = await provider.open(spec, stand.signal);
      await sandbox.run(['true'], usual, stand.signal);
      const took = performance.now() - began;
      await sandbox.close();
      return took;
    },
    async () => {
      const began = performance.now();
      const container = await startRaw();
      await execRaw(container, ['true']);
      const took = performance.now() - began;
      await container.remove({ force: true });
      return took;
    },
  );
  await provider.close();
  // The first turn also finds out where workspaces live.
  return compare(
    'cold-start',
    { ours: pair.ours.slice(1), raw: pair.raw.slice(1) },
    'raw create + start + exec',
    1.25,
  );
}

export async function measureWarm(stand: Stand, times: number): Promise<Figure> {
  const provider = openProvider({ warm: { calmMs: 100 } });
  const container = await startRaw();
  await (await provider.open(await stand.spec(), stand.signal)).close();
  const pair = await inTurns(
    times,
    async () => {
      const spec = await stand.spec();
      await sleep(calmMs);
      const began = performance.now();
      const sandbox = await provider.open(spec, stand.signal);
      await sandbox.run(['true'], usual, stand.signal);
      const took = performance.now() - began;
      await sandbox.close();
      return took;
    },
    async () => {
      await sleep(calmMs);
      return timed(() => execRaw(container, ['true']));
    },
  );
  await container.remove({ force: true });
  await provider.close();
  return compare('warm-exec', pair, 'raw exec', 1.2);
}

export async function measureResident(stand: Stand, times: number): Promise<Figure> {
  const provider = openProvider({ warm: { calmMs: 3_600_000 } });
  const sandbox = await provider.open(await stand.spec(), stand.signal);
  const look = () => sandbox.look(['true'], usual, stand.signal);
  await look();
  const bubblewrap = ['--ro-bind', '/', '/', '--unshare-all', '--die-with-parent', 'true'];
  const isThere = await run('bwrap', bubblewrap).then(
    () => true,
    () => false,
  );
  const pair = await inTurns(
    times,
    () => timed(look),
    () => (isThere ? timed(() => run('bwrap', bubblewrap)) : Promise.resolve(Number.NaN)),
  );
  await sandbox.close();
  await provider.close();
  const { againstValue, ratio, ...figure } = compare('resident-runner', pair, 'bubblewrap true', null, {
    target: 'at most 5 ms, and below bubblewrap',
    ok: (ours, raw) => ours <= 5 && ours < raw,
  });
  return isThere
    ? { ...figure, againstValue: againstValue ?? 0, ratio: ratio ?? 0 }
    : { ...figure, against: 'bubblewrap, which is not installed: apt-get install bubblewrap', ok: false };
}

export async function measureKill(stand: Stand, times: number): Promise<Figure> {
  const provider = openProvider({ warm: { calmMs: 3_600_000 } });
  const sandbox = await provider.open(await stand.spec(), stand.signal);
  const tree = 'setsid sh -c "sleep 600 & sleep 601" & sleep 602 & sleep 603';
  const timeoutMs = 150;
  const pair = await inTurns(
    times,
    async () => {
      const began = performance.now();
      await sandbox.run(['/bin/sh', '-c', tree], { ...usual, timeoutMs }, stand.signal);
      return performance.now() - began - timeoutMs;
    },
    async () => {
      const container = await startRaw();
      void execRaw(container, ['/bin/sh', '-c', tree]).catch(() => undefined);
      await sleep(timeoutMs);
      return timed(() => container.remove({ force: true }));
    },
  );
  await sandbox.close();
  await provider.close();
  return compare('kill-tree', pair, 'raw kill and removal of the container', 2);
}

export async function measureIdle(stand: Stand): Promise<Figure[]> {
  const provider = openProvider({ warm: { calmMs: 1 } });
  await (await provider.open(await stand.spec(), stand.signal)).close();
  await sleep(3_000);
  const own = await docker.listContainers({
    filters: { label: [`dev.warroom.sandbox.owner-pid=${process.pid}`] },
  });
  const memory: number[] = [];
  const shims: number[] = [];
  for (const { Id } of own) {
    const stats = await docker.getContainer(Id).stats({ stream: false });
    memory.push(stats.memory_stats.usage / 1e6);
    shims.push(await shimMegabytes(Id));
  }
  await provider.close();
  const n = `n=${memory.length}`;
  return [
    {
      metric: 'idle-memory',
      value: round(quantile(memory, 0.5)),
      unit: 'MB',
      target: `at most 5 MB for each that waits (${n})`,
      ok: memory.length > 0 && quantile(memory, 0.5) <= 5,
    },
    // The engine's own; pages are shared with other shims, so it is less the more there are.
    { metric: 'idle-shim', value: round(quantile(shims, 0.5)), unit: `MB, ${n}`, ok: shims.length > 0 },
  ];
}

/** Of the process that the engine keeps beside each container, shared pages by share. */
async function shimMegabytes(id: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!words.includes('containerd-shim') || !words.includes(id)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? Number.NaN) / 1000;
  }
  return Number.NaN;
}
