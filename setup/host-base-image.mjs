import {
  copyFileSync,
  cpSync,
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
 * A base image without a registry: Node, npm, git and ripgrep of this machine with the libraries they load, and
 * busybox for a shell. Takes seconds and about 160 MB; Linux only.
 * @param {string} tag name for the image
 * @param {string} nodePath the Node to put in
 */
export async function buildHostBaseImage(tag, nodePath) {
  const root = mkdtempSync(path.join(tmpdir(), 'warroom-base-'));
  try {
    await fillRoot(root, nodePath);
    // One pipe through sh: `docker import` reads a tar, and 160 MB need not touch the disk twice.
    const imported = await runCommand(
      'sh',
      [
        '-c',
        'tar -C "$0" --numeric-owner --owner=0 --group=0 -c . | docker import -c "ENV PATH=/usr/local/bin:/usr/bin:/bin" - "$1"',
        root,
        tag,
      ],
      { timeoutMs: 120_000 },
    );
    if (imported.code !== 0)
      throw new SetupProblem(`docker import failed:\n${lastWords(imported)}`, 'Check: docker info; df -h');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** @param {string} root @param {string} nodePath */
async function fillRoot(root, nodePath) {
  for (const folder of [
    'bin',
    'dev',
    'etc',
    'proc',
    'sys',
    'tmp',
    'usr/local/bin',
    'usr/share/git-core/templates',
    'usr/lib/git-core',
  ]) {
    mkdirSync(path.join(root, folder), { recursive: true });
  }
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
  writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\n');
  await placeBusybox(root);
  await placeProgram(root, nodePath, '/usr/local/bin/node');
  await placeProgram(root, mustFind('git'), '/usr/bin/git');
  symlinkSync('/usr/bin/git', path.join(root, 'usr/lib/git-core/git'));
  const ripgrep = findProgram('rg');
  if (ripgrep !== undefined) await placeProgram(root, ripgrep, '/usr/bin/rg');
  placeNpm(root);
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
async function placeProgram(root, source, target) {
  const linked = await runCommand('ldd', [source]);
  for (const [, library] of linked.stdout.matchAll(/(\/\S+) \(0x/g)) {
    if (library !== undefined) copyTo(root, library, library);
  }
  rmSync(path.join(root, target), { force: true }); // busybox may have an applet of that name
  copyTo(root, source, target);
}

/** The npm that runs set-up, so that a service's `npm test` works. Other package managers have another layout. @param {string} root */
function placeNpm(root) {
  const cli = [process.env['npm_execpath'], findProgram('npm')].find(
    (place) => place !== undefined && existsSync(place),
  );
  if (cli === undefined) return;
  const folder = path.dirname(path.dirname(realpathSync(cli)));
  if (!existsSync(path.join(folder, 'bin/npm-cli.js'))) return;
  cpSync(folder, path.join(root, 'usr/local/lib/node_modules/npm'), {
    recursive: true,
    filter: (place) => !/\/(man|docs)$/.test(place),
  });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(root, 'usr/local/bin', name));
  }
}

/** @param {string} root @param {string} source @param {string} target */
function copyTo(root, source, target) {
  const place = path.join(root, target);
  mkdirSync(path.dirname(place), { recursive: true });
  copyFileSync(realpathSync(source), place);
}

/** @param {string} name */
function mustFind(name) {
  const found = findProgram(name);
  if (found !== undefined) return found;
  throw new SetupProblem(
    `No registry to pull the sandbox's base image from, and no ${name} here to build one without.`,
    `Install it (on Debian: apt-get install ${name === 'busybox' ? 'busybox-static' : name}), or set SANDBOX_BASE_IMAGE to an image you have.`,
  );
}
