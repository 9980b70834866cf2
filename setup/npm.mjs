import path from 'node:path';
import { lastWords, runCommand } from './command.mjs';
import { SetupProblem, say } from './problem.mjs';

/**
 * An `npm ci` or `npm install` without scripts, for every kind of dependency. One small question goes first, because
 * without a network npm spends minutes on hundreds; what npm has in its cache may still be enough then.
 * @param {string} root
 * @param {string[]} args
 */
export async function installByNpm(root, args) {
  const answer = await runNpm(root, ['ping'], 20_000);
  // A registry that answers with an HTTP error is there; some have no ping.
  const offline = answer.code !== 0 && !/npm error code E\d{3}\b/.test(answer.stderr);
  if (offline) say('no npm registry answers; trying what npm has in its cache');
  const flags = [
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    ...(offline ? ['--offline'] : []),
  ];
  const result = await runNpm(root, [...args, ...flags]);
  if (result.code !== 0) {
    throw new SetupProblem(
      `npm ${args.join(' ')} failed (exit ${result.code}):\n${lastWords(offline ? answer : result)}`,
      'Check the network and the registry (npm config get registry), then run the same command again.',
    );
  }
}

/**
 * Runs the machine's own npm. The project's node_modules/.bin is taken off PATH first: `npm ci` deletes the
 * Node binary that may live there, and npm must not saw off the branch it sits on.
 * @param {string} root
 * @param {string[]} args
 */
function runNpm(root, args, timeoutMs = 15 * 60_000) {
  const ownBin = path.join(root, 'node_modules', '.bin');
  const searchPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== ownBin)
    .join(path.delimiter);
  // A nested npm inherits the outer one's settings and lifecycle variables; it must read its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package|command)/i.test(name)),
  );
  // npm's own patience without a network is minutes of silence.
  const patience = [
    args[0] === 'ping' ? '--fetch-retries=0' : '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ];
  return runCommand('npm', [...args, ...patience, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...env, PATH: searchPath },
    timeoutMs,
  });
}
