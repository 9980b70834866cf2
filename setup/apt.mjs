import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, lastWords, runCommand } from './command.mjs';
import { SetupProblem, say, warn } from './problem.mjs';

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_MARK = 'written by Warroom set-up';

/** Services that the packages enable for the next boot although nothing here uses them as services. */
const UNWANTED_SERVICES = ['redis-server', 'postgresql', 'prometheus', 'prometheus-alertmanager', 'rsyslog'];

/** Root on Debian or Ubuntu. */
export function canInstall() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
}

/**
 * Installs Debian packages without letting them start their services: demo and tests run private instances, and
 * a machine's ports 6379, 5432, 9090 and 9093 must not fill up behind its owner's back.
 * @param {string[]} packages
 */
export async function installPackages(packages) {
  const began = Date.now();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];

  say('reading package lists: apt-get update');
  const update = await runCommand('apt-get', ['update', '-q', ...patience], { env, timeoutMs: 5 * 60_000 });
  if (update.code !== 0) warn(`apt-get update failed (exit ${update.code})`, lastWords(update, 3));

  say(`installing with apt-get: ${packages.join(' ')} (a minute or two; nothing is started)`);
  const unwanted = UNWANTED_SERVICES.filter((service) => packages.includes(service));
  const install = await withoutServiceStarts(() =>
    runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...patience, ...packages], {
      env,
      timeoutMs: 20 * 60_000,
    }),
  );
  if (install.code !== 0) {
    throw new SetupProblem(
      `apt-get install failed (exit ${install.code}):\n${lastWords(install)}`,
      `Repair it by hand, then run the same command again: apt-get install --no-install-recommends ${packages.join(' ')}`,
    );
  }
  if (unwanted.length > 0 && existsSync('/run/systemd/system')) {
    await runCommand('systemctl', ['disable', ...unwanted]);
  }
  // Newer Debians ship the engine without its command line.
  if (packages.includes('docker.io') && findProgram('docker') === undefined)
    await installPackages(['docker-cli']);
  say(`packages installed in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/**
 * Debian asks policy-rc.d before it starts a service; 101 forbids. A policy that the machine already has stays.
 * @template T
 * @param {() => Promise<T>} work
 */
async function withoutServiceStarts(work) {
  if (existsSync(POLICY_FILE) && !readFileSync(POLICY_FILE, 'utf8').includes(POLICY_MARK)) return work();
  const restore = () => rmSync(POLICY_FILE, { force: true });
  writeFileSync(POLICY_FILE, `#!/bin/sh\n# ${POLICY_MARK}; safe to delete\nexit 101\n`, { mode: 0o755 });
  process.on('exit', restore); // a Ctrl-C in the middle must not leave it behind
  try {
    return await work();
  } finally {
    restore();
    process.off('exit', restore);
  }
}
