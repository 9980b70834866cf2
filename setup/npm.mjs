import path from 'node:path';
import { runCommand } from './command.mjs';

/**
 * Runs the machine's own npm. The project's node_modules/.bin is taken off PATH first: `npm ci` deletes the
 * Node binary that may live there, and npm must not saw off the branch it sits on.
 * @param {string} root
 * @param {string[]} args
 */
export function runNpm(root, args) {
  const ownBin = path.join(root, 'node_modules', '.bin');
  const searchPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== ownBin)
    .join(path.delimiter);
  // A nested npm inherits the outer one's settings and lifecycle variables; it must read its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package|command)/i.test(name)),
  );
  return runCommand('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...env, PATH: searchPath },
    timeoutMs: 15 * 60_000,
  });
}
