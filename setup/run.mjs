/**
 * node setup/run.mjs PURPOSE SCRIPT [args]: sets up what PURPOSE needs, then runs SCRIPT with the right Node.
 * This file must at least be understood by every Node with ES modules, so the rest is imported after the check.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestForSetup = 18;
if (Number(process.versions.node.split('.')[0]) < oldestForSetup) {
  console.error(
    `[setup] Node ${process.versions.node} is too old even to set Warroom up; it needs ${oldestForSetup} or later.`,
  );
  console.error('[setup]   → Install Node 24 (nvm install reads .nvmrc), then run the same command again.');
  process.exit(1);
}

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const { SetupProblem, warn } = await import('./problem.mjs');
const { purposes, setUp } = await import('./purposes.mjs');
const { runScript } = await import('./run-script.mjs');

const [purpose = '', script, ...args] = process.argv.slice(2);
if (purposes[purpose] === undefined || script === undefined) {
  warn(
    'usage: node setup/run.mjs PURPOSE SCRIPT [args]',
    `PURPOSE is one of: ${Object.keys(purposes).join(', ')}`,
  );
  process.exit(2);
}
// An interrupted set-up ends in order: its children stop, what it changed for a moment is put back.
const stopOnInterrupt = () => process.exit(130);
const stopOnTerminate = () => process.exit(143);
process.on('SIGINT', stopOnInterrupt).on('SIGTERM', stopOnTerminate);
try {
  const nodePath = await setUp(purpose, root);
  process.off('SIGINT', stopOnInterrupt).off('SIGTERM', stopOnTerminate);
  process.exitCode = await runScript(nodePath, path.resolve(root, script), args);
} catch (problem) {
  if (!(problem instanceof SetupProblem)) throw problem;
  warn(problem.message, problem.hint);
  process.exitCode = 1;
}
