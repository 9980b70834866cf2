import { startServer, startWorker } from './compose.ts';
import { runUntilStopped } from './main-loop.ts';
import { explainError, WarroomError } from './platform/errors.ts';

const roles = { serve: startServer, worker: startWorker } as const;

/** `npm start` runs every role in one process; `npm start -- worker` a worker alone. */
try {
  const role = process.argv[2] ?? 'serve';
  if (role !== 'serve' && role !== 'worker') {
    process.stderr.write(`There is no role "${role}". Use: npm start, or: npm start -- worker\n`);
    process.exit(2);
  }
  process.exit(await runUntilStopped(roles[role], role));
} catch (error) {
  process.stderr.write(
    `${error instanceof WarroomError ? explainError(error) : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
