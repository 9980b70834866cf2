import { environmentSecrets } from './compose/learn-secrets.ts';
import type { RunningProcess } from './compose.ts';
import type { Environment } from './config/environment.ts';
import { readProcessEnvironment } from './config/read-process.ts';
import type { KnownSecrets } from './platform/known-secrets.ts';
import { createLog, type Log } from './platform/log.ts';

/** Starts a role and stays until SIGTERM or SIGINT; then drains. A second signal ends at once. Resolves to the exit code. */
export async function runUntilStopped(
  start: (env: Environment, log: Log, secrets: KnownSecrets) => Promise<RunningProcess>,
  role: string,
): Promise<number> {
  const env = readProcessEnvironment();
  const secrets = environmentSecrets(env);
  const log = createLog(env.LOG_LEVEL, secrets);
  const running = await start(env, log, secrets);
  log.info({ role, url: running.url }, 'warroom is ready');

  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    let asked = false;
    const onSignal = (name: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(name);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  log.info({ signal }, 'stopping: work in progress is put back; a second signal ends at once');
  await running.stop();
  return 0;
}
