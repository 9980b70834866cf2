import { linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { handOverTree } from '../../../../src/adapters/docker/sandbox/workspace/hand-over-tree.ts';

// Another user's files only root can make; anybody may keep their own.
const [uid, gid] =
  process.getuid?.() === 0 ? [10_163, 10_001] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

function makeTree(files: number): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-tree-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'deep/er'), { recursive: true });
  mkdirSync(path.join(folder, '.git'));
  for (let n = 0; n < files; n += 1) writeFileSync(path.join(folder, 'deep', `-file ${n}`), 'x');
  writeFileSync(path.join(folder, 'deep/er/last'), 'x');
  symlinkSync('/etc/passwd', path.join(folder, 'deep/link'));
  return folder;
}

it.each([3, 400])('a tree of %i files goes to its user, links as links, .git stays', async (files) => {
  const folder = makeTree(files);
  const git = lstatSync(path.join(folder, '.git')).uid;

  await handOverTree(folder, { uid, gid });

  for (const file of [
    '.',
    'deep',
    'deep/er',
    'deep/er/last',
    'deep/-file 0',
    `deep/-file ${files - 1}`,
    'deep/link',
  ]) {
    expect(lstatSync(path.join(folder, file)), file).toMatchObject({ uid, gid });
  }
  expect(lstatSync('/etc/passwd').uid).toBe(0);
  expect(lstatSync(path.join(folder, '.git')).uid).toBe(git);
});

it.each([3, 400])(
  'a tree of %i files with one that has another name elsewhere stays as it is',
  async (files) => {
    const folder = makeTree(files);
    const shared = path.join(makeTree(0), 'deep/er/last');
    linkSync(shared, path.join(folder, 'deep/er/shared'));
    const before = lstatSync(shared).uid;

    await expect(handOverTree(folder, { uid, gid })).rejects.toMatchObject({ code: 'workspace_unfit' });

    expect(lstatSync(shared).uid).toBe(before);
  },
);
