import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverFolders } from './command.mjs';
import { SetupProblem } from './problem.mjs';

/** One Ctrl-C reaches this process twice: from the terminal, and again through npm. */
const sameKeyPressMs = 500;

/**
 * Runs a script to its end with this process's stdin, stdout and stderr. The child is a session of its own, so
 * that a Ctrl-C reaches it once, from here, and it can shut down in order while this process waits.
 * @param {string} nodePath
 * @param {string} script absolute path
 * @param {string[]} args
 * @returns {Promise<number>} the script's exit code; 128 + signal number when a signal ended it
 */
export function runScript(nodePath, script, args) {
  if (!existsSync(script)) {
    throw new SetupProblem(`There is no ${script}.`, 'Check that the checkout is complete: git status');
  }
  return new Promise((resolve, reject) => {
    const child = spawn(nodePath, [script, ...args], {
      stdio: 'inherit',
      detached: true,
      env: childEnvironment(nodePath),
    });
    /** @type {Map<string, number>} */
    const lastSent = new Map();
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])) {
      process.on(signal, () => {
        const now = Date.now();
        if (now - (lastSent.get(signal) ?? 0) < sameKeyPressMs) return;
        lastSent.set(signal, now);
        child.kill(signal);
      });
    }
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal])),
    );
  });
}

/** @param {string} nodePath */
function childEnvironment(nodePath) {
  const searchPath = [path.dirname(nodePath), process.env['PATH'] ?? '', ...serverFolders()].join(
    path.delimiter,
  );
  // What was compiled once is not compiled again: a process of the bot starts in half the time.
  const compiled = fileURLToPath(new URL('../.warroom/compile-cache', import.meta.url));
  return { NODE_COMPILE_CACHE: compiled, ...process.env, PATH: searchPath };
}
