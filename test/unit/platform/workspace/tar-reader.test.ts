import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartTree } from '../../../../src/platform/workspace/start-tree.ts';
import { createTarReader } from '../../../../src/platform/workspace/tar-reader.ts';

type TarHeader = Partial<Header> & Pick<Header, 'name'>;

const limits = { workBytes: 100_000, workFiles: 100 };
const signal = AbortSignal.timeout(60_000);
const most = { files: 10, bytes: 10_000 };

describe('a tar that commands may have forged', () => {
  let start: string;

  beforeEach(() => {
    start = mkdtempSync(path.join(os.tmpdir(), 'warroom-start-'));
    mkdirSync(path.join(start, 'src'));
    writeFileSync(path.join(start, 'src/a'), 'a');
    symlinkSync('/etc', path.join(start, 'to-etc'));
  });
  afterEach(() => rmSync(start, { recursive: true, force: true }));

  const started: TarHeader[] = [{ name: './src/a', mode: 0o644 }];

  async function read(
    entries: readonly (readonly [TarHeader, string])[],
    cut = (tar: Buffer): Buffer => tar,
  ) {
    const packed = pack();
    for (const [header, content] of [...started.map((one) => [one, 'a'] as const), ...entries]) {
      packed.entry(header, Buffer.from(content));
    }
    packed.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of packed) chunks.push(chunk as Buffer);
    const reader = createTarReader(new StartTree(start), most, limits, signal);
    const tar = cut(Buffer.concat(chunks));
    for (let at = 0; at < tar.length; at += 700) reader.add(tar.subarray(at, at + 700));
    return reader.finish();
  }

  it('tells what is in it, and what is missing from it', async () => {
    const { changes } = await read([[{ name: './new', mode: 0o755 }, 'new']]);

    expect(changes).toMatchObject([
      { kind: 'written', path: 'new', executable: true },
      { kind: 'deleted', path: 'to-etc' },
    ]);
  });

  it.each(['../out', '/etc/passwd', './a/../../b', './../x', 'a//b'])(
    'takes nothing from one with the path %s',
    async (name) => {
      await expect(read([[{ name }, 'x']])).rejects.toMatchObject({ code: 'workspace_broken' });
    },
  );

  it('never reads through a link of the start', async () => {
    const { changes } = await read([[{ name: './to-etc/hostname' }, 'x']]);

    expect(changes).toMatchObject([
      { path: 'to-etc' },
      { path: 'to-etc/hostname', content: Buffer.from('x') },
    ]);
  });

  it('takes no content from a name for a file that is outside, or not there', async () => {
    const entries = ['/etc/passwd', '../../etc/passwd', 'to-etc/passwd', 'none'].map(
      (linkname, index) => [{ name: `./link${index}`, type: 'link', linkname }, ''] as const,
    );

    const { changes, refused } = await read(entries);

    expect(changes.filter((change) => change.kind === 'written')).toEqual([]);
    expect(refused).toEqual(['link0', 'link1', 'link2', 'link3']);
  });

  it('takes nothing from one that is cut short, or is none', async () => {
    const long = [[{ name: './long' }, 'x'.repeat(3000)]] as const;

    await expect(read(long, (tar) => tar.subarray(0, 2200))).rejects.toMatchObject({
      code: 'workspace_broken',
    });
    await expect(read(long, (tar) => Buffer.alloc(tar.length, 'garbage '))).rejects.toMatchObject({
      code: 'workspace_broken',
    });
  });

  it('stops reading one that does not end', () => {
    const reader = createTarReader(new StartTree(start), most, limits, signal);
    let read = 0;

    expect(() => {
      for (; read < 100e6; read += 65_536) reader.add(Buffer.alloc(65_536));
    }).toThrow(expect.objectContaining({ code: 'workspace_too_large' }));
    expect(read).toBeLessThan(3e6);
  });

  it('compares a file that is as large as it was while it comes, and brings out what differs', async () => {
    writeFileSync(path.join(start, 'large'), Buffer.alloc(9000, 'l'));
    const same = await read([[{ name: './large', mode: 0o644 }, 'l'.repeat(9000)]]);
    const other = await read([[{ name: './large', mode: 0o644 }, `${'l'.repeat(8999)}x`]]);
    const runs = await read([[{ name: './large', mode: 0o755 }, 'l'.repeat(9000)]]);

    expect(same.changes).toMatchObject([{ kind: 'deleted', path: 'to-etc' }]);
    expect(other.changes).toMatchObject([
      { content: Buffer.from(`${'l'.repeat(8999)}x`) },
      { path: 'to-etc' },
    ]);
    expect(runs.changes).toMatchObject([{ path: 'large', executable: true }, { path: 'to-etc' }]);
  });

  it('compares names of a large file of the start no further than the workspace is large', async () => {
    for (let n = 0; n < 12; n += 1) writeFileSync(path.join(start, `large${n}`), Buffer.alloc(9000, 'l'));
    const names = Array.from(
      { length: 12 },
      (_, n) => [{ name: `./large${n}`, type: 'link', linkname: 'large0' }, ''] as const,
    );

    await expect(read(names)).rejects.toMatchObject({ code: 'workspace_too_large' });
    expect((await read(names.slice(0, 10))).changes).toHaveLength(3);
  });

  it('sees the last file of an archive that has no end', async () => {
    const endBytes = 1024;
    const last = [[{ name: './last' }, 'x'.repeat(512)]] as const;

    const { changes } = await read(last, (tar) => tar.subarray(0, tar.length - endBytes));

    expect(changes).toMatchObject([{ path: 'last', content: Buffer.alloc(512, 'x') }, { path: 'to-etc' }]);
  });

  it('ends when nobody waits for it any more', async () => {
    const given = new AbortController();
    const reader = createTarReader(new StartTree(start), most, limits, given.signal);
    given.abort(new Error('given up'));

    await expect(reader.finish()).rejects.toThrow('given up');
  });
});
