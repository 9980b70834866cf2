import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{ code: number, stdout: string, stderr: string, timedOut: boolean }} CommandResult
 * @typedef {{ env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number }} CommandOptions
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Runs a program to its end and keeps what it printed. Never rejects: a program that cannot be started is
 * code 127, one that outlives its deadline is killed and marked `timedOut`.
 * @param {string} program
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(program, args, { env = process.env, cwd, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: withOneEngine(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const deadline = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    /** @param {number} code */
    const settle = (code) => {
      clearTimeout(deadline);
      running.delete(child);
      resolve({ code, stdout, stderr, timedOut });
    };
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      stderr += chunk;
    });
    child.on('error', (error) => {
      stderr += error.message;
      settle(127);
    });
    child.on('close', (code) => settle(code ?? 1));
  });
}

/**
 * The bot takes a list of Docker engines, the `docker` command knows one: what is set up is set up on the first.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function withOneEngine(env) {
  const hosts = (env['DOCKER_HOST'] ?? '').split(',').map((host) => host.trim());
  return hosts.length < 2 ? env : { ...env, DOCKER_HOST: hosts.find((host) => host !== '') };
}

/**
 * What a failed program said, fit to show a person: npm puts the cause first, everybody else last.
 * @param {CommandResult} result
 */
export function lastWords(result, lines = 8) {
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').filter(Boolean);
  const npmErrors = said.filter((line) => /^npm error \S/.test(line));
  const shown = npmErrors.length > 0 ? npmErrors.slice(0, lines) : said.slice(-lines);
  return [...shown, ...(result.timedOut ? ['(no answer in time)'] : [])].join('\n');
}

/** Folders that hold servers but are missing from many users' PATH: Debian's PostgreSQL and the sbin pair. */
export function serverFolders() {
  const postgresRoot = '/usr/lib/postgresql';
  /** @type {string[]} */
  let versions = [];
  try {
    versions = readdirSync(postgresRoot).sort((a, b) => Number(b) - Number(a));
  } catch {
    // not a Debian, or no PostgreSQL
  }
  return [...versions.map((version) => path.join(postgresRoot, version, 'bin')), '/usr/sbin', '/sbin'];
}

/**
 * @param {string} name a program's name, or an absolute path
 * @returns {string | undefined} the path of an executable file
 */
export function findProgram(name, searchPath = process.env['PATH'] ?? '') {
  const folders = path.isAbsolute(name) ? [''] : [...searchPath.split(path.delimiter), ...serverFolders()];
  for (const folder of folders) {
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // try the next folder
    }
  }
  return undefined;
}
