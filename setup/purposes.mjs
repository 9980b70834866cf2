import { imageRecipes } from './image-recipes.mjs';
import { SetupProblem, say, warn } from './problem.mjs';
import { ensureDependencies } from './steps/dependencies.mjs';
import { ensureDockerEngine } from './steps/docker.mjs';
import { ensureNode } from './steps/node.mjs';
import { ensureImages } from './steps/sandbox-images.mjs';
import { ensureSystemParts } from './steps/system-parts.mjs';

/**
 * What each command needs. `start` and `check` never touch the machine outside the project's folder; tests need
 * everything, since a test that cannot run must not pass; demo and benchmarks go on with what can be had.
 * @typedef {import('./sandbox-image.mjs').ImageKind} ImageKind
 * @type {Readonly<Record<string, { machine: 'untouched' | 'what-can-be' | 'all', images?: readonly ImageKind[], isBench?: true }>>}
 */
export const purposes = {
  start: { machine: 'untouched' },
  check: { machine: 'untouched' },
  demo: { machine: 'what-can-be', images: ['node', 'postgres'] },
  bench: { machine: 'what-can-be', images: ['node', 'postgres', 'redis'], isBench: true },
  test: { machine: 'all', images: ['node', 'postgres', 'redis', 'python', 'go'] },
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
  const { machine, images = [], isBench = false } = purposes[purpose] ?? {};
  if (machine === 'what-can-be' || machine === 'all') {
    await ensureSystemParts(machine, isBench);
    await ensureSandbox(machine, images, nodePath);
  }
  if (process.env['WARROOM_SETUP_TIMES']) say(`ready after ${Date.now() - began} ms`);
  return nodePath;
}

/** @param {'what-can-be' | 'all'} want @param {readonly ImageKind[]} images @param {string} nodePath */
async function ensureSandbox(want, images, nodePath) {
  try {
    await ensureDockerEngine();
  } catch (problem) {
    if (want === 'all' || !(problem instanceof SetupProblem)) throw problem;
    warn(`no sandbox: ${problem.message}`, `${problem.hint}\n${imageRecipes.node.without}`);
    return;
  }
  await ensureImages(images, nodePath, (kind, problem) => {
    if (want === 'all') throw problem;
    warn(`no ${kind} image: ${problem.message}`, `${problem.hint}\n${imageRecipes[kind].without}`);
  });
}
