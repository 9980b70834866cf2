import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lastWords } from '../command.mjs';
import { runNpm } from '../npm.mjs';
import { SetupProblem, say } from '../problem.mjs';

/**
 * Dependencies exactly as the lockfile names them. Warm, this is one hash of the lockfile.
 * A tree that somebody installed with plain `npm ci` is recognised and kept.
 * @param {string} root the project's folder
 */
export async function ensureDependencies(root) {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const digest = createHash('sha256').update(lockfile).digest('hex');
  const stamp = path.join(root, 'node_modules', '.warroom-setup');
  if (readIfThere(stamp)?.trim() === digest) return;

  if (
    !isTreeAsLocked(JSON.parse(lockfile), readIfThere(path.join(root, 'node_modules', '.package-lock.json')))
  ) {
    const began = Date.now();
    say('installing dependencies by the lockfile: npm ci --ignore-scripts (10–60 s)');
    const result = await runNpm(root, ['ci', '--ignore-scripts', '--include=dev', '--include=optional']);
    if (result.code !== 0) {
      throw new SetupProblem(
        `npm ci failed (exit ${result.code}):\n${lastWords(result)}`,
        'Check the network and the npm registry (npm ping), then run the same command again.',
      );
    }
    say(`dependencies installed in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
  writeFileSync(stamp, `${digest}\n`);
}

/**
 * npm records what it installed in node_modules/.package-lock.json. Optional packages are passed over, because
 * which of them belong here depends on the platform; packages beyond the lockfile are nobody's business here.
 * @param {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }> }} locked
 * @param {string | undefined} installedText
 */
function isTreeAsLocked(locked, installedText) {
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(locked.packages).every(
    ([place, entry]) =>
      place === '' ||
      entry.optional === true ||
      entry.devOptional === true ||
      (installed[place]?.version === entry.version && installed[place]?.integrity === entry.integrity),
  );
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
