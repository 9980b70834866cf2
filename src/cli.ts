import { runAnalyze } from './cli-analyze.ts';
import { runAudit } from './cli-audit.ts';
import { migrateRecord, openForDoctor, startServer, startWorker } from './compose.ts';
import { readProcessEnvironment } from './config/read-process.ts';
import { examine } from './doctor.ts';
import { runUntilStopped } from './main-loop.ts';
import { explainError, WarroomError } from './platform/errors.ts';
import { createLog } from './platform/log.ts';

const usage = `npm run warroom -- COMMAND

  serve     every role in one process (npm start)
  worker    a worker alone; needs DATABASE_URL and REDIS_URL
  migrate   bring the database up to this version, then end
  doctor    check every connection and permission, and print the fix for what is missing
  audit     verify that nobody changed the record, or export who did what: audit help
  analyze   logs or series as NDJSON, analysed without anything running: analyze help
`;

const marks = { ok: '✓', missing: '–', failed: '✗' } as const;

async function run(command: string | undefined): Promise<number> {
  switch (command) {
    case 'serve':
      return runUntilStopped(startServer, command);
    case 'worker':
      return runUntilStopped(startWorker, command);
    case 'migrate':
      return migrate();
    case 'doctor':
      return doctor();
    case 'audit':
      return runAudit(process.argv.slice(3));
    case 'analyze':
      return runAnalyze(process.argv.slice(3));
    default:
      process.stderr.write(
        command === undefined || command === 'help' ? usage : `There is no command "${command}".\n\n${usage}`,
      );
      return command === 'help' ? 0 : 2;
  }
}

async function migrate(): Promise<number> {
  await migrateRecord(readProcessEnvironment(), createLog('warn'));
  process.stdout.write('The database is at this version.\n');
  return 0;
}

async function doctor(): Promise<number> {
  const parts = openForDoctor(readProcessEnvironment(), createLog('silent'));
  let failed = 0;
  for await (const result of examine(parts)) {
    process.stdout.write(`${marks[result.state]} ${result.name.padEnd(28)} ${result.text}\n`);
    if (result.state === 'failed') failed += 1;
  }
  process.stdout.write(failed === 0 ? '\nAll that is configured works.\n' : `\n${failed} to repair.\n`);
  return failed === 0 ? 0 : 1;
}

try {
  const code = await run(process.argv[2]);
  process.exit(code);
} catch (error) {
  process.stderr.write(
    `${error instanceof WarroomError ? explainError(error) : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
