import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { canInstall, installPackages } from '../apt.mjs';
import { findProgram, lastWords, runCommand } from '../command.mjs';
import { SetupProblem, say } from '../problem.mjs';

const installPage = 'https://docs.docker.com/engine/install/';
const DAEMON_LOG = '/var/log/warroom-dockerd.log';

/**
 * Makes sure that a Docker engine answers. The command line alone is no engine; as root on Linux the engine is
 * installed and started, once: a second dockerd would take the first one's bridge away.
 * @throws {SetupProblem} when no engine can be had, with what to type
 */
export async function ensureDockerEngine() {
  const first = await askEngine();
  if (first.code === 0) return;

  if (first.code === 127 && !canInstall()) {
    throw new SetupProblem('There is no docker command.', `Install Docker: ${installPage}`);
  }
  const host = process.env['DOCKER_HOST'];
  if (host) {
    throw new SetupProblem(
      `Docker does not answer at DOCKER_HOST=${host}${host.includes(',') ? ' (the first of them)' : ''}: ${lastWords(first, 1)}`,
      'Start that engine, or unset DOCKER_HOST to use the one on this machine.',
    );
  }
  if (/permission denied/i.test(first.stderr)) {
    throw new SetupProblem(
      'The Docker engine runs, but this user may not talk to it.',
      'Run: sudo usermod -aG docker "$USER"   then log in again.',
    );
  }
  if (process.platform !== 'linux') {
    throw new SetupProblem(
      'The Docker engine is not running.',
      'Start Docker Desktop, then run the same command again.',
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SetupProblem(
      'The Docker engine is not running.',
      findProgram('dockerd') === undefined
        ? 'Run: sudo apt-get install -y docker.io && sudo usermod -aG docker "$USER"   then log in again.'
        : 'Run: sudo systemctl start docker',
    );
  }
  if (findProgram('dockerd') === undefined) {
    if (findProgram('apt-get') === undefined) {
      throw new SetupProblem('There is no Docker engine on this machine.', `Install it: ${installPage}`);
    }
    await installPackages(['docker.io']);
  }
  await startEngine();
}

async function startEngine() {
  if (isDaemonRunning()) {
    say('a dockerd is starting already; waiting for it');
    if (await engineAnswersWithin(30_000)) return;
    throw new SetupProblem(
      'A dockerd runs, but its engine does not answer.',
      'Look at its log, or stop it and run the same command again.',
    );
  }
  say('starting the Docker engine');
  await (existsSync('/run/systemd/system')
    ? runCommand('systemctl', ['start', 'docker'])
    : runCommand('service', ['docker', 'start']));
  // Debian's init script gives up where ulimit may not be raised; the daemon itself does not mind.
  if (await engineAnswersWithin(isDaemonRunning() ? 30_000 : 2_000)) return;

  if (!isDaemonRunning()) {
    const dockerd = findProgram('dockerd') ?? 'dockerd';
    const log = openSync(DAEMON_LOG, 'a');
    spawn(dockerd, [], { detached: true, stdio: ['ignore', log, log] }).unref();
    say(`started ${dockerd} by hand; it stays after this command; log: ${DAEMON_LOG}`);
  }
  if (await engineAnswersWithin(45_000)) return;
  throw new SetupProblem(
    `The Docker engine did not come up:\n${existsSync(DAEMON_LOG) ? readFileSync(DAEMON_LOG, 'utf8').trim().split('\n').slice(-4).join('\n') : ''}`,
    `Read ${DAEMON_LOG}; inside a container, run it with --privileged or mount the host's /var/run/docker.sock.`,
  );
}

function askEngine() {
  return runCommand('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 });
}

/** @param {number} timeoutMs */
async function engineAnswersWithin(timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  do {
    if ((await askEngine()).code === 0) return true;
    await sleep(250);
  } while (Date.now() < deadline);
  return false;
}

function isDaemonRunning() {
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(`/proc/${entry}/comm`, 'utf8').trim() === 'dockerd';
    } catch {
      return false; // gone meanwhile
    }
  });
}
