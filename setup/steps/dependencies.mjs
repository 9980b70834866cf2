import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installByNpm } from '../npm.mjs';
import { SetupProblem, say } from '../problem.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, optionalDependencies?: Record<string, string> }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/**
 * Dependencies exactly as the lockfile names them. Warm, this is one hash of the lockfile.
 * A tree that somebody installed with plain `npm ci` is recognised and kept.
 * @param {string} root the project's folder
 */
export async function ensureDependencies(root) {
  const lockfileText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const digest = createHash('sha256').update(lockfileText).digest('hex');
  const stamp = path.join(root, 'node_modules', '.warroom-setup');
  if (readIfThere(stamp)?.trim() === digest) return;

  const lockfile = JSON.parse(lockfileText);
  if (findDifference(lockfile, readInstalled(root)) !== undefined) await install(root, lockfile);
  writeFileSync(stamp, `${digest}\n`);
}

/** @param {string} root @param {Lockfile} lockfile */
async function install(root, lockfile) {
  const began = Date.now();
  // A lockfile written where the registry has no packages for other platforms lacks their optional entries, and
  // `npm ci` refuses it everywhere. `npm install` takes the same versions and integrities; that is checked below.
  const command = isComplete(lockfile) ? ['ci'] : ['install', '--no-save'];
  say(`installing dependencies by the lockfile: npm ${command.join(' ')} --ignore-scripts (10–60 s)`);
  await installByNpm(root, command);
  const difference = findDifference(lockfile, readInstalled(root));
  if (difference !== undefined) {
    throw new SetupProblem(
      `What npm installed is not what the lockfile names: ${difference}.`,
      'package.json and package-lock.json have come apart: git status, or npm install and commit the lockfile.',
    );
  }
  say(`dependencies installed in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/**
 * Both ways: nothing of the lockfile may be missing or other, nothing may have come in beside it. Optional packages
 * are passed over, because which of them belong here depends on the platform; so is Node's own binary.
 * @param {Lockfile} lockfile
 * @param {Lockfile | undefined} installed npm's own record
 * @returns {string | undefined} the first package that differs
 */
function findDifference(lockfile, installed) {
  if (installed === undefined) return 'nothing is installed';
  for (const [place, entry] of Object.entries(lockfile.packages)) {
    if (place === '' || isOptional(entry)) continue;
    const found = installed.packages[place];
    if (found?.version !== entry.version || found?.integrity !== entry.integrity) return place;
  }
  return Object.entries(installed.packages).find(
    ([place, entry]) =>
      lockfile.packages[place] === undefined &&
      !isOptional(entry) &&
      !place.startsWith('node_modules/node-linux-'),
  )?.[0];
}

/**
 * True when every optional dependency that a package names has an entry, for whatever platform.
 * @param {Lockfile} lockfile
 */
function isComplete(lockfile) {
  const names = new Set(Object.keys(lockfile.packages).map((place) => place.split('node_modules/').at(-1)));
  return Object.values(lockfile.packages).every((entry) =>
    Object.keys(entry.optionalDependencies ?? {}).every((name) => names.has(name)),
  );
}

/** @param {LockedPackage} entry */
function isOptional(entry) {
  return entry.optional === true || entry.devOptional === true;
}

/** @param {string} root @returns {Lockfile | undefined} what npm wrote down after its last install */
function readInstalled(root) {
  const text = readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  return text === undefined ? undefined : JSON.parse(text);
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
