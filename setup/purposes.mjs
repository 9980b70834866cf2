import { SetupProblem, say, warn } from './problem.mjs';
import { ensureDependencies } from './steps/dependencies.mjs';
import { ensureDockerEngine } from './steps/docker.mjs';
import { ensureNode } from './steps/node.mjs';
import { ensurePostgresImage, ensureSandboxImage } from './steps/sandbox-image.mjs';
import { ensureSystemParts } from './steps/system-parts.mjs';

/**
 * What each command needs. `start` and `check` never touch the machine outside the project's folder; tests need
 * everything, since a test that cannot run must not pass; demo and benchmarks go on with what can be had.
 * @type {Readonly<Record<string, { machine: 'untouched' | 'what-can-be' | 'all' }>>}
 */
export const purposes = {
  start: { machine: 'untouched' },
  check: { machine: 'untouched' },
  demo: { machine: 'what-can-be' },
  bench: { machine: 'what-can-be' },
  test: { machine: 'all' },
  images: { machine: 'untouched' },
};

/**
 * Idempotent, and quick when nothing is missing.
 * @param {string} purpose a key of `purposes`
 * @param {string} root the project's folder
 * @returns {Promise<string>} the Node to run the project with
 */
export async function setUp(purpose, root) {
  const began = Date.now();
  await ensureDependencies(root);
  const nodePath = await ensureNode(root);
  const machine = purposes[purpose]?.machine;
  if (machine === 'what-can-be' || machine === 'all') {
    await ensureSystemParts(machine);
    await ensureSandbox(machine, nodePath);
  }
  if (process.env['WARROOM_SETUP_TIMES']) say(`ready after ${Date.now() - began} ms`);
  return nodePath;
}

/** @param {'what-can-be' | 'all'} want @param {string} nodePath */
async function ensureSandbox(want, nodePath) {
  try {
    await ensureDockerEngine();
    await ensureSandboxImage(nodePath);
  } catch (problem) {
    if (want === 'all' || !(problem instanceof SetupProblem)) throw problem;
    warn(`no sandbox: ${problem.message}`, `${problem.hint}\ngoing on read-only: agents run no code`);
    return;
  }
  try {
    await ensurePostgresImage();
  } catch (problem) {
    if (want === 'all' || !(problem instanceof SetupProblem)) throw problem;
    warn(`no replica: ${problem.message}`, `${problem.hint}\ngoing on: indexes are planned without a trial`);
  }
}
