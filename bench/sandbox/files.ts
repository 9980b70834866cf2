import { spawn } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createCell } from '../../src/adapters/docker/sandbox/create-cell.ts';
import { defaultLimits } from '../../src/adapters/docker/sandbox/provider/default-limits.ts';
import { labelsFor, ownOwner } from '../../src/adapters/docker/sandbox/provider/owner.ts';
import { chooseWorkspaceBackend } from '../../src/adapters/docker/sandbox/workspace/choose-backend.ts';
import { type Figure, quantile } from '../benchmark.ts';
import { round, timed } from './figures.ts';
import { docker, images, type Stand, usual } from './stand.ts';

const fileCount = 5_000;
const changedCount = 100;

/** A folder of 5,000 files, 7.5 MB, handed over and looked through for changes; beside tar through exec, and `cp -r`. */
export async function measureFiles(stand: Stand, times: number): Promise<Figure[]> {
  const { signal } = stand;
  const master = await makeFolder(stand);
  const choice = await chooseWorkspaceBackend(
    { docker, isLocal: true, image: images.node, runtime: undefined, labels: labelsFor(ownOwner(), soon()) },
    signal,
  );
  const samples = { fill: [], diff: [], tarIn: [], tarOut: [], copy: [] } as Record<string, number[]>;
  const add = (name: string, value: number): void => void samples[name]?.push(value);
  const edit = `i=0; while [ $i -lt ${changedCount} ]; do echo changed >> part$((i % 50))/file$i.js; i=$((i+1)); done`;

  for (let turn = 0; turn < times; turn += 1) {
    const folder = await stand.folder();
    await cp(master, folder, { recursive: true });
    const labels = labelsFor(ownOwner(), soon());
    const limits = { ...defaultLimits, lifetimeMs: 600_000 };
    const cell = await createCell(
      docker,
      { image: images.node, limits, labels, backend: choice.backend, runtime: undefined },
      signal,
    );
    add('fill', await timed(() => cell.fill(folder, signal)));
    const sandbox = cell.toSandbox(() => cell.remove());
    await sandbox.run(['/bin/sh', '-c', edit], usual, signal);
    add('diff', await timed(() => sandbox.changes({ files: 1_000, bytes: 10_000_000 }, signal)));
    await sandbox.close();

    const raw = await docker.createContainer({
      Image: images.node,
      Entrypoint: [],
      Cmd: ['sleep', '600'],
      HostConfig: { NetworkMode: 'none', AutoRemove: true, Tmpfs: { '/copy': 'rw,size=64m' } },
    });
    await raw.start();
    add(
      'tarIn',
      await timed(() => pipe(`tar -C ${master} -cf - . | docker exec -i ${raw.id} tar -xf - -C /copy`)),
    );
    add('tarOut', await timed(() => pipe(`docker exec ${raw.id} tar -C /copy -cf - . >/dev/null`)));
    await raw.remove({ force: true });
    const copy = await stand.folder();
    add('copy', await timed(() => pipe(`cp -r ${master}/. ${copy}`)));
  }

  const median = (name: string): number => quantile(samples[name] ?? [], 0.5);
  const beside = (metric: string, ours: string, against: string, rival: string): Figure => ({
    metric,
    value: round(median(ours)),
    unit: 'ms',
    against,
    againstValue: round(median(rival)),
    ratio: round(median(ours) / median(rival)),
    target: `faster than ${against} (${choice.backend.name}, n=${times})`,
    ok: median(ours) < median(rival),
  });
  return [
    beside('workspace-in', 'fill', 'tar through exec', 'tarIn'),
    beside('workspace-in-copy', 'fill', 'cp -r', 'copy'),
    beside('diff-out', 'diff', 'tar through exec of everything', 'tarOut'),
  ];
}

const soon = (): Date => new Date(Date.now() + 600_000);

async function makeFolder(stand: Stand): Promise<string> {
  const master = await stand.folder();
  for (let n = 0; n < fileCount; n += 1) {
    const folder = path.join(master, `part${n % 50}`);
    if (n < 50) await mkdir(folder);
    await writeFile(path.join(folder, `file${n}.js`), `// ${n}\n`.padEnd(1_500, 'x'));
  }
  return master;
}

async function pipe(script: string): Promise<void> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`exit code ${code} of: ${script}`);
}
