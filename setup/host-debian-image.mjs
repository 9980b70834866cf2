import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { lastWords, runCommand } from './command.mjs';
import { leftOut, unread } from './debian-packages.mjs';
import { importRoot, mustFind } from './host-root.mjs';
import { SetupProblem, say } from './problem.mjs';

/**
 * A base image without a registry, from packages of this machine's distribution: downloaded with all that they depend
 * on and unpacked, but not installed, which takes a tenth of the time. So no script of a package has run: users,
 * alternatives and certificates are missing. Needs no root; installs nothing on this machine.
 * @param {string} tag
 * @param {readonly string[]} packages
 */
export async function buildDebianImage(tag, packages) {
  mustFind('apt-get');
  mustFind('dpkg-deb');
  const archives = await downloadPackages(packages);
  await importRoot(tag, (root) => unpackAll(archives, root));
}

/** @type {string | undefined} */
let aptFolder;

/** One folder for a whole set-up: images share most of their packages. */
function openAptFolder() {
  if (aptFolder !== undefined) return aptFolder;
  const folder = mkdtempSync(path.join(tmpdir(), 'warroom-apt-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'archives/partial'), { recursive: true });
  mkdirSync(path.join(folder, 'lists/partial'), { recursive: true });
  // Nothing is installed yet, says this file: so dependencies come, too, that this machine has.
  writeFileSync(path.join(folder, 'status'), '');
  aptFolder = folder;
  return folder;
}

/** @param {readonly string[]} packages @returns {Promise<string[]>} archive files */
async function downloadPackages(packages) {
  const folder = openAptFolder();
  const began = Date.now();
  const options = [
    `Dir::State::status=${folder}/status`,
    `Dir::Cache::archives=${folder}/archives`,
    'Debug::NoLocking=1',
    'APT::Install-Recommends=0',
    'APT::Sandbox::User=',
    'Acquire::Retries=2',
  ];
  /** @param {string[]} more @param {string[]} command */
  const apt = (more, command) =>
    runCommand('apt-get', ['-qq', '-y', ...[...options, ...more].flatMap((one) => ['-o', one]), ...command], {
      timeoutMs: 10 * 60_000,
      env: { ...process.env, LC_ALL: 'C' },
    });
  const install = ['install', ...packages];
  /** @param {string[]} more */
  const download = async (more) => {
    // Into another folder, since apt does not name what it has already.
    const named = await apt([...more, `Dir::Cache::archives=${folder}/none`], ['--print-uris', ...install]);
    const answer = named.code === 0 ? await apt(more, ['--download-only', ...install]) : named;
    return { answer, names: [...named.stdout.matchAll(/^'\S+' (\S+\.deb) /gm)].map(([, name = '']) => name) };
  };

  const ownLists = [`Dir::State::lists=${folder}/lists`];
  const updated = readdirSync(`${folder}/lists`).length > 1;
  let { answer, names } = await download(updated ? ownLists : []);
  if (answer.code !== 0 && !updated) {
    // The machine's own lists may be missing, or too old for what the mirror has today.
    say('reading package lists: apt-get update');
    answer = await apt(ownLists, ['update']);
    if (answer.code === 0) ({ answer, names } = await download(ownLists));
  }
  if (answer.code !== 0) {
    throw new SetupProblem(
      `packages for an image could not be downloaded:\n${lastWords(answer, 4)}`,
      'Check: apt-get update. Or name an image to build from: SANDBOX_PYTHON_BASE_IMAGE, SANDBOX_GO_BASE_IMAGE, SANDBOX_JAVA_BASE_IMAGE.',
    );
  }
  say(`${names.length} packages at hand after ${((Date.now() - began) / 1000).toFixed(1)} s; unpacking`);
  return names
    .filter((name) => !leftOut.some((left) => name.startsWith(`${left}_`) || name.startsWith(`${left}.`)))
    .map((name) => path.join(folder, 'archives', name));
}

/** @param {string[]} archives @param {string} root */
async function unpackAll(archives, root) {
  // Packages still have paths below /bin and /lib, which have long been links.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(path.join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, path.join(root, name));
  }
  const waiting = [...archives];
  const work = async () => {
    for (let archive = waiting.shift(); archive !== undefined; archive = waiting.shift()) {
      await unpack(archive, root);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  // What the packages' scripts would have linked.
  for (const [link, target] of [
    ['usr/bin/sh', 'dash'],
    ['usr/bin/awk', 'mawk'],
    ['usr/bin/which', 'which.debianutils'],
  ]) {
    if (link !== undefined && target !== undefined && !existsSync(path.join(root, link))) {
      symlinkSync(target, path.join(root, link));
    }
  }
}

/** @param {string} archive @param {string} root */
async function unpack(archive, root) {
  const answer = await runCommand(
    'sh',
    [
      '-c',
      'archive=$0; root=$1; shift; dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$root" --keep-directory-symlink --no-same-owner "$@"',
      archive,
      root,
      ...unread.map((name) => `--exclude=./${name}`),
    ],
    { timeoutMs: 3 * 60_000 },
  );
  if (answer.code !== 0) {
    throw new SetupProblem(
      `${path.basename(archive)} could not be unpacked:\n${lastWords(answer, 4)}`,
      'Check: df -h; then run the same command again',
    );
  }
}
