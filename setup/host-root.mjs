import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram, lastWords, runCommand } from './command.mjs';
import { SetupProblem } from './problem.mjs';

/**
 * An image without a registry: a root folder with busybox for a shell and what `fill` puts in. Linux only.
 * @param {string} tag name for the image
 * @param {(root: string) => Promise<void>} fill
 * @param {string} [programs] another folder of programs
 */
export async function importRoot(tag, fill, programs) {
  const searchPath = ['/usr/local/bin', '/usr/bin', '/bin', ...(programs === undefined ? [] : [programs])];
  const root = mkdtempSync(path.join(tmpdir(), 'warroom-base-'));
  try {
    for (const folder of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'usr/local/bin']) {
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
    writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\n');
    await placeBusybox(root);
    await fill(root);
    // One pipe through sh: `docker import` reads a tar, and 160 MB need not touch the disk twice.
    const imported = await runCommand(
      'sh',
      [
        '-c',
        'tar -C "$0" --numeric-owner --owner=0 --group=0 -c . | docker import -c "ENV PATH=$2" - "$1"',
        root,
        tag,
        searchPath.join(':'),
      ],
      { timeoutMs: 120_000 },
    );
    if (imported.code !== 0)
      throw new SetupProblem(`docker import failed:\n${lastWords(imported)}`, 'Check: docker info; df -h');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** @param {string} root */
async function placeBusybox(root) {
  const busybox = mustFind('busybox');
  copyFileSync(busybox, path.join(root, 'bin/busybox'));
  const applets = await runCommand(busybox, ['--list-full']);
  for (const applet of applets.stdout.split('\n').filter(Boolean)) {
    const place = path.join(root, applet);
    if (existsSync(place)) continue;
    mkdirSync(path.dirname(place), { recursive: true });
    symlinkSync('/bin/busybox', place);
  }
}

/** Copies a program and every library that the dynamic loader would map for it. @param {string} root @param {string} source @param {string} target */
export async function placeProgram(root, source, target) {
  const linked = await runCommand('ldd', [source]);
  for (const [, library] of linked.stdout.matchAll(/(\/\S+) \(0x/g)) {
    if (library !== undefined) copyTo(root, library, library);
  }
  rmSync(path.join(root, target), { force: true }); // busybox may have an applet of that name
  copyTo(root, source, target);
}

/** @param {string} root @param {string} source @param {string} target */
function copyTo(root, source, target) {
  const place = path.join(root, target);
  mkdirSync(path.dirname(place), { recursive: true });
  copyFileSync(realpathSync(source), place);
}

/** @param {string} name */
export function mustFind(name) {
  const found = findProgram(name);
  if (found !== undefined) return found;
  throw new SetupProblem(
    `No registry to pull the sandbox's base image from, and no ${name} here to build one without.`,
    `Install it (on Debian: apt-get install ${debianPackages[name] ?? name}), or set SANDBOX_BASE_IMAGE to an image you have.`,
  );
}

/** @type {Readonly<Record<string, string>>} */
const debianPackages = { busybox: 'busybox-static', postgres: 'postgresql' };
