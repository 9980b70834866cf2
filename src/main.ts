import { startServer, startWorker } from './compose.ts';
import { readProcessEnvironment } from './config/read-process.ts';
import { explainError, WarroomError } from './platform/errors.ts';
import { createLog } from './platform/log.ts';

/** `npm start` runs every role; `npm start -- worker` a worker alone. Ends on SIGTERM or SIGINT after draining. */
async function main(role: string): Promise<void> {
  if (role !== 'serve' && role !== 'worker') {
    process.stderr.write(`There is no role "${role}". Use: npm start, or: npm start -- worker\n`);
    process.exit(2);
  }
  const env = readProcessEnvironment();
  const log = createLog(env.LOG_LEVEL);
  const running = await (role === 'worker' ? startWorker(env, log) : startServer(env, log));
  log.info({ role, url: running.url }, 'warroom is ready');

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping: work in progress is put back, a second signal ends at once');
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

try {
  await main(process.argv[2] ?? 'serve');
} catch (error) {
  process.stderr.write(
    `${error instanceof WarroomError ? explainError(error) : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
