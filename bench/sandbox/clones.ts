import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createGit } from '../../src/adapters/git/git.ts';
import { silentLog } from '../../src/platform/log.ts';
import { aService } from '../../test/support/builders.ts';
import { type Figure, quantile } from '../benchmark.ts';
import { compare, round, timed } from './figures.ts';
import type { Stand } from './stand.ts';

const run = promisify(execFile);
const commits = 20_000;
const files = 5_000;

/** Fresh checkouts of a repository with 20,000 commits and 5,000 files, as every sandbox needs one. */
export async function measureClones(stand: Stand, times: number): Promise<Figure[]> {
  const { signal } = stand;
  const origin = path.join(await stand.folder(), 'origin.git');
  await makeRepository(origin);
  const url = `file://${origin}`;
  const git = createGit({ cacheDir: await stand.folder(), credentials: async () => null, log: silentLog });
  const service = aService({ name: 'big', repository: { url, slug: 'acme/big', branch: 'main' } });
  const { head } = await git.fetch(service, signal);
  const work = await stand.folder();
  const checkout = async (): Promise<void> => {
    const tree = await git.checkout(service, head, signal);
    leaving.push(() => tree.remove());
  };
  const leaving: (() => Promise<void>)[] = [];
  const leave = async (): Promise<void> => {
    for (const remove of leaving.splice(0)) await remove();
  };
  const clone = (name: string) => run('git', ['clone', '-q', url, path.join(work, name)]);
  const samples = {
    shared: [] as number[],
    plain: [] as number[],
    bare: [] as number[],
    five: [] as number[],
    plainFive: [] as number[],
  };

  for (let turn = 0; turn < times; turn += 1) {
    samples.shared.push(await timed(checkout));
    await leave();
    // Files alone, into the same memory: there is nothing faster.
    const bare = await git.checkout(service, head, signal);
    const place = path.join(path.dirname(bare.path), `bare-${process.pid}-${turn}`);
    await bare.remove();
    await mkdir(place, { recursive: true });
    const env = { ...process.env, GIT_INDEX_FILE: path.join(work, 'index') };
    samples.bare.push(
      await timed(() =>
        run('git', ['--git-dir', origin, '--work-tree', place, 'checkout', '-q', '-f', 'main', '--', '.'], {
          env,
        }),
      ),
    );
    await rm(place, { recursive: true });
    await rm(env.GIT_INDEX_FILE, { force: true });
    samples.plain.push(await timed(() => clone(`plain${turn}`)));
    const five = ['a', 'b', 'c', 'd', 'e'];
    samples.five.push(await timed(() => Promise.all(five.map(checkout))));
    await leave();
    if (turn < 2)
      samples.plainFive.push(await timed(() => Promise.all(five.map((one) => clone(`${one}${turn}`)))));
  }
  const quicker = (metric: string, ours: readonly number[], plain: readonly number[]): Figure => {
    const factor = quantile(plain, 0.5) / quantile(ours, 0.5);
    return {
      ...compare(metric, { ours, raw: plain }, 'plain clone by file://', null),
      target: `at least 5 × faster; it is ${round(factor)} × (n=${ours.length})`,
      ok: factor >= 5,
    };
  };
  return [
    quicker('shared-clone', samples.shared, samples.plain),
    compare(
      'shared-clone-floor',
      { ours: samples.shared, raw: samples.bare },
      'the bare checkout of its files',
      1.3,
    ),
    quicker('five-clones', samples.five, samples.plainFive),
  ];
}

async function makeRepository(folder: string): Promise<void> {
  await run('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  const child = spawn('git', ['--git-dir', folder, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'close');
  const say = async (text: string): Promise<void> => {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  };
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  for (let n = 0; n < commits; n += 1) {
    const many = n === 0 ? Array.from({ length: files }, (_, file) => file) : [(n * 7919) % files];
    const changes = many.map(
      (file) =>
        `M 100644 inline part${file % 100}/file${file}.js\n${data(`// ${file} at ${n}\n`.padEnd(1_200, `${file} `))}`,
    );
    await say(
      `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_600_000_000 + n * 60} +0000\n${data(`change ${n}`)}${changes.join('')}\n`,
    );
  }
  child.stdin.end();
  await ended;
  await run('git', ['--git-dir', folder, 'gc', '-q']);
}
