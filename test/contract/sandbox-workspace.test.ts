import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOverlayBackend } from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import { createTarBackend } from '../../src/adapters/docker/sandbox/workspace/tar-backend.ts';
import type { WorkspaceBackend } from '../../src/adapters/docker/sandbox/workspace/workspace.ts';
import { type House, makeFolder, most, openHouse } from './sandbox-workspace-house.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'warroom-overlays-'));
const backends: WorkspaceBackend[] = [createOverlayBackend({ root }), createTarBackend()];

afterAll(() => {
  execFileSync('/usr/bin/umount', ['-l', root]);
  rmSync(root, { recursive: true, force: true });
  rmSync(`${root}.lock`, { force: true });
});

describe.each(backends)('a workspace by $name', (backend) => {
  let house: House;
  let signal: AbortSignal;
  const secret = makeFolder({ secret: 'of the host' });

  beforeAll(async () => {
    const folder = makeFolder({
      'package.json': '{}',
      'src/a.js': 'a\n',
      'src/b.js': 'b\n',
      'src/deep/c.js': 'c\n',
      '-rf name\nof two lines': 'odd',
      '.git/config': 'token',
      'gone/one': '1',
      'gone/two': '2',
      'run.sh': '#!/bin/sh\necho ran\n',
    });
    chmodSync(path.join(folder, 'run.sh'), 0o755);
    symlinkSync(path.join(secret, 'secret'), path.join(folder, 'to-host'));
    symlinkSync('src/a.js', path.join(folder, 'to-a'));
    symlinkSync(secret, path.join(folder, 'src/to-host-folder'));
    house = await openHouse(backend, folder);
  });
  beforeEach(async () => {
    signal = AbortSignal.timeout(30_000);
    await house.workspace.reset(null, signal);
  });
  afterAll(async () => {
    await house.close();
    rmSync(secret, { recursive: true });
  });

  const changes = async (bounds = most) => {
    const { changes, refused } = await house.workspace.changes(bounds, signal);
    const told = changes.map((change) =>
      change.kind === 'deleted'
        ? `- ${change.path}`
        : `${change.executable ? '*' : '+'} ${change.path}: ${change.content.toString('utf8')}`,
    );
    return { told, refused };
  };

  it('has what was handed over, without .git, and links that lead nowhere on the host', async () => {
    expect(await house.run(`find . ! -name '*lines' | sort | tr '\\n' ' '`)).toBe(
      '. ./gone ./gone/one ./gone/two ./package.json ./run.sh ./src ./src/a.js ./src/b.js ./src/deep ./src/deep/c.js ./src/to-host-folder ./to-a ./to-host ',
    );
    expect(await house.run('./run.sh; cat to-a; cat to-host src/to-host-folder/secret 2>&1 || true')).toMatch(
      /^ran\na\n.*No such file.*\n.*No such file.*\n$/,
    );
    expect(await changes()).toEqual({ told: [], refused: [] });
  });

  it('tells exactly what commands wrote, changed and deleted', async () => {
    await house.run(`
      echo new > new; echo more >> src/a.js; mkdir -p fresh/er; echo in > fresh/er/x
      rm src/b.js; rm -r gone; touch package.json; chmod +x src/deep/c.js; chmod 600 to-a
      mkdir empty; printf 'odd' > './-rf name
of two lines'; printf 'line' > 'new
line'`);

    expect(await changes()).toEqual({
      told: [
        '+ fresh/er/x: in\n',
        '- gone/one',
        '- gone/two',
        '+ new: new\n',
        '+ new\nline: line',
        '+ src/a.js: a\nmore\n',
        '- src/b.js',
        '* src/deep/c.js: c\n',
      ],
      refused: [],
    });
    expect(readFileSync(path.join(house.folder, 'src/a.js'), 'utf8')).toBe('a\n');
  });

  it('tells files that became folders, folders that became files, and what was made anew in their place', async () => {
    await house.run(`
      rm package.json; mkdir package.json; echo 1 > package.json/x
      rm -r src/deep; echo file > src/deep
      rm -r gone; mkdir gone; echo 3 > gone/three; cp src/a.js gone/one; printf 1 > gone/one
      mv src/b.js src/moved.js; mv gone away; rm src/to-host-folder; echo f > src/to-host-folder`);

    expect((await changes()).told).toEqual([
      '+ away/one: 1',
      '+ away/three: 3\n',
      '- gone/one',
      '- gone/two',
      '- package.json',
      '+ package.json/x: 1\n',
      '- src/b.js',
      '+ src/deep: file\n',
      '- src/deep/c.js',
      '+ src/moved.js: b\n',
      '+ src/to-host-folder: f\n',
    ]);
  });

  it('brings out no link, pipe or socket, and none of git, and waits for no pipe', async () => {
    await house.run(`
      ln -s /etc/passwd passwd; ln -s ${secret}/secret host; ln -sfn /etc src/to-host-folder
      mkfifo pipe; rm src/b.js; ln -s a.js src/b.js; rm -r gone; ln -s /etc gone
      mkdir -p .git/hooks lib/.GIT; echo evil > .git/hooks/post-checkout; echo evil > lib/.GIT/config
      mknod device c 1 3 2>/dev/null || true`);
    await house.run(`node -e 'require("node:fs").writeFileSync(Buffer.from("bad\\xff", "latin1"), "x")'`);
    await house.run(
      `node -e 'const s = require("node:net").createServer().listen("live"); s.on("listening", () => process.kill(process.pid, 9))' || true`,
    );

    const { told, refused } = await changes();

    expect(told).toEqual(['- gone/one', '- gone/two', '- src/b.js', '- src/to-host-folder']);
    // A tar has no sockets in it, so nothing can be told of them.
    expect(refused.filter((one) => one !== 'live')).toEqual(
      [
        '.git',
        'bad\ufffd',
        'gone',
        'host',
        'lib/.GIT',
        'passwd',
        'pipe',
        'src/b.js',
        'src/to-host-folder',
      ].toSorted(),
    );
    expect(refused.includes('live')).toBe(backend.name === 'overlay');
  });

  it('tells every name of a file with several, and does not follow a changed folder', async () => {
    await house.run('echo same > first; ln first second; ln src/a.js third; ln src/a.js src/a.copy');

    expect((await changes()).told).toEqual([
      '+ first: same\n',
      '+ second: same\n',
      '+ src/a.copy: a\n',
      '+ third: a\n',
    ]);
  });

  it('brings nothing out when it is more than was asked for', async () => {
    await house.run('i=0; while [ $i -lt 12 ]; do echo 1234567 > n$i; i=$((i+1)); done');

    await expect(changes({ files: 11, bytes: 1000 })).rejects.toMatchObject({ code: 'workspace_too_large' });
    await expect(changes({ files: 20, bytes: 95 })).rejects.toMatchObject({ code: 'workspace_too_large' });
    expect((await changes({ files: 12, bytes: 96 })).told).toHaveLength(12);
    await house.run('i=0; while [ $i -lt 13 ]; do ln -s x l$i; i=$((i+1)); done');
    await expect(changes({ files: 12, bytes: 96 })).rejects.toMatchObject({ code: 'workspace_too_large' });
  });

  it('does not read a file of a terabyte, but says that it is too much', async () => {
    await house.run('truncate -s 1099511627776 huge');

    await expect(changes()).rejects.toMatchObject({ code: 'workspace_too_large' });
  });

  it('brings out long names, but none that nobody could open', async () => {
    const deep = await openHouse(backend, makeFolder({ a: '1' }));
    await deep.run(`node -e '
      const { mkdirSync, writeFileSync } = require("node:fs");
      const name = "n".repeat(200);
      for (let depth = 0; depth < 25; depth += 1) {
        mkdirSync(name); process.chdir(name);
        if (depth === 5 || depth === 24) writeFileSync("file", String(depth));
      }'`);

    const { changes, refused } = await deep.workspace.changes(most, signal);

    expect(changes).toMatchObject([{ path: `${`${'n'.repeat(200)}/`.repeat(6)}file` }]);
    expect(refused.every((one) => one.startsWith('nnn'))).toBe(true);
    await deep.close();
  });

  it('reads what its owner made unreadable', async () => {
    await house.run('mkdir closed; echo x > closed/x; chmod 000 closed/x closed');

    expect((await changes()).told).toEqual(['+ closed/x: x\n']);
  });

  it('writes files for commands, inside and nowhere else', async () => {
    await house.run('ln -s /tmp outside; ln -s a.js src/link.js');
    await house.workspace.write(
      [
        { path: 'src/a.js', content: 'new' },
        { path: 'made/by/us.sh', content: Buffer.from('#!/bin/sh\necho us\n'), executable: true },
        { path: 'src/link.js', content: 'no link' },
        { path: '-odd\nname', content: 'odd' },
      ],
      signal,
    );

    expect(await house.run('cat src/a.js src/link.js; ./made/by/us.sh; rm made/by/us.sh')).toBe(
      'newno linkus\n',
    );
    for (const bad of ['../x', '/etc/x', 'a/../../x', '', 'a//b', '.git/config', 'a\0b']) {
      await expect(house.workspace.write([{ path: bad, content: 'x' }], signal)).rejects.toMatchObject({
        code: 'workspace_unfit',
      });
    }
    await expect(
      house.workspace.write([{ path: 'src/a.js/below', content: 'x' }], signal),
    ).rejects.toMatchObject({ code: 'workspace_unfit' });
  });

  it('says that files do not fit', async () => {
    const half = Buffer.alloc(40 * 1024 * 1024, 1);

    await expect(
      house.workspace.write([{ path: 'all', content: Buffer.concat([half, half]) }], signal),
    ).rejects.toMatchObject({ code: 'workspace_too_large' });
    await house.workspace.write([{ path: 'one', content: half }], signal);
    await expect(house.workspace.write([{ path: 'two', content: half }], signal)).rejects.toMatchObject({
      code: 'workspace_too_large',
    });
  });

  it('goes back to any snapshot and to the start', async () => {
    await house.run('echo 1 > one; rm -r gone; chmod +x src/a.js');
    const first = await house.workspace.snapshot(signal);
    await house.run('echo 2 > two; rm one; mkdir gone; echo back > gone/back; rm src/b.js');
    const second = await house.workspace.snapshot(signal);
    const atSecond = await changes();
    await house.run('rm -rf ./* ; mkdir shut; chmod 000 shut');

    await house.workspace.reset(second, signal);
    expect(await changes()).toEqual(atSecond);
    expect(atSecond.told).toEqual([
      '+ gone/back: back\n',
      '- gone/one',
      '- gone/two',
      '* src/a.js: a\n',
      '- src/b.js',
      '+ two: 2\n',
    ]);
    await house.workspace.reset(first, signal);
    expect((await changes()).told).toEqual(['- gone/one', '- gone/two', '+ one: 1\n', '* src/a.js: a\n']);
    expect(await house.run('./run.sh; ls -a | grep git || true')).toBe('ran\n');
    await house.workspace.reset(null, signal);
    expect((await changes()).told).toEqual([]);
    await expect(house.workspace.reset('none', signal)).rejects.toThrow('no snapshot');
  });

  it('ends what runs when it goes back, and what ran cannot write into what comes after', async () => {
    await house.run('(while :; do echo x >> /work/src/a.js; sleep 0.01; done) >/dev/null 2>&1 &');

    await house.workspace.reset(null, signal);

    expect(await changes()).toEqual({ told: [], refused: [] });
    expect(await house.run('cat src/a.js')).toBe('a\n');
  });

  it('is bounded in bytes and in files', async () => {
    expect(await house.run('dd if=/dev/zero of=full bs=1M count=80 2>&1 || true')).toContain('No space left');
    await house.workspace.reset(null, signal);
    const made = await house.run(`mkdir many; cd many; node -e '
      const { writeFileSync } = require("node:fs");
      let count = 0;
      try { for (; count < 1e6; count += 1) writeFileSync(String(count), ""); } catch (error) { console.log(error.code, count < 20_000); }'`);

    expect(made).toBe('ENOSPC true\n');
    await expect(changes()).rejects.toMatchObject({ code: 'workspace_too_large' });
  });

  it.each([
    ['a pipe', (folder: string) => execFileSync('/usr/bin/mkfifo', [path.join(folder, 'pipe')])],
    ['a device', (folder: string) => execFileSync('mknod', [path.join(folder, 'null'), 'c', '1', '3'])],
    [
      'another name of a file of the host',
      (folder: string) => linkSync(path.join(secret, 'secret'), path.join(folder, 'linked')),
    ],
  ])('refuses a folder with %s', async (_what, spoil) => {
    const folder = makeFolder({ 'a/b': '1' });
    spoil(folder);

    await expect(openHouse(backend, folder)).rejects.toMatchObject({ code: 'workspace_unfit' });
  });

  it('takes a folder whose .git shares files with a mirror, and leaves those as they are', async () => {
    const folder = makeFolder({ a: '1' });
    mkdirSync(path.join(folder, '.git'));
    writeFileSync(path.join(secret, 'object'), 'object');
    linkSync(path.join(secret, 'object'), path.join(folder, '.git/object'));

    const other = await openHouse(backend, folder);

    expect(await other.run('ls -a | tr "\\n" " "')).toBe('. .. a ');
    expect(
      execFileSync('stat', ['-c', '%u', path.join(secret, 'object')])
        .toString()
        .trim(),
    ).toBe('0');
    await other.close();
  });
});
