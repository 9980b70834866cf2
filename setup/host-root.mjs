import {
  chmodSync,
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
 * An image without a registry: a root folder with what `fill` puts in. Linux only.
 * @param {string} tag name for the image
 * @param {(root: string) => Promise<void>} fill
 * @param {string} [programs] another folder of programs
 */
export async function importRoot(tag, fill, programs) {
  const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const searchPath = programs === undefined ? usual : [...usual, programs];
  const root = mkdtempSync(path.join(tmpdir(), 'warroom-base-'));
  try {
    for (const folder of ['dev', 'etc', 'proc', 'sys', 'tmp', 'usr/local/bin', 'usr/local/sbin']) {
      mkdirSync(path.join(root, folder), { recursive: true });
    }
    chmodSync(root, 0o755);
    chmodSync(path.join(root, 'tmp'), 0o1777);
    writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
    writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\ntty:x:5:\n');
    await fill(root);
    // One pipe through sh: `docker import` reads a tar, and hundreds of MB need not touch the disk twice.
    const imported = await runCommand(
      'sh',
      [
        '-c',
        'tar -C "$0" --numeric-owner --owner=0 --group=0 -c . | docker import -c "ENV PATH=$2" - "$1"',
        root,
        tag,
        searchPath.join(':'),
      ],
      { timeoutMs: 5 * 60_000 },
    );
    if (imported.code !== 0)
      throw new SetupProblem(`docker import failed:\n${lastWords(imported)}`, 'Check: docker info; df -h');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A shell and the usual small programs. @param {string} root */
export async function placeBusybox(root) {
  mkdirSync(path.join(root, 'bin'), { recursive: true });
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
const debianPackages = {
  busybox: 'busybox-static',
  postgres: 'postgresql',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
};
