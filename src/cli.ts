import { explainError, WarroomError } from './platform/errors.ts';

const usage = `npm run warroom -- COMMAND

  serve     every role in one process (npm start)
  worker    a worker alone; needs DATABASE_URL and REDIS_URL
  migrate   bring the database up to this version, then end
  doctor    check every connection and permission, and print the fix for what is missing
  audit     verify that nobody changed the record, or export who did what: audit help
  context   what an agent of a service would begin with, and what is left out: context SERVICE
  similar   past incidents like a text or an incident, and what helped then: similar TEXT|INCIDENT
  analyze   logs, series, commits or a whole incident as NDJSON, with nothing else running: analyze help
`;

const marks = { ok: '✓', missing: '–', failed: '✗' } as const;

// Each command loads what it needs: an analysis in a pipe should not wait for the whole bot.
async function run(command: string | undefined): Promise<number> {
  switch (command) {
    case 'serve':
    case 'worker':
      return start(command);
    case 'migrate':
      return migrate();
    case 'doctor':
      return doctor();
    case 'audit':
      return (await import('./cli-audit.ts')).runAudit(process.argv.slice(3));
    case 'context':
      return context();
    case 'similar':
      return similar();
    case 'analyze':
      return (await import('./cli-analyze.ts')).runAnalyze(process.argv.slice(3));
    default:
      process.stderr.write(
        command === undefined || command === 'help' ? usage : `There is no command "${command}".\n\n${usage}`,
      );
      return command === 'help' ? 0 : 2;
  }
}

async function start(role: 'serve' | 'worker'): Promise<number> {
  const { startServer, startWorker } = await import('./compose.ts');
  const { runUntilStopped } = await import('./main-loop.ts');
  return runUntilStopped(role === 'serve' ? startServer : startWorker, role);
}

async function migrate(): Promise<number> {
  const { migrateRecord } = await import('./compose.ts');
  const { readProcessEnvironment } = await import('./config/read-process.ts');
  const { createLog } = await import('./platform/log.ts');
  await migrateRecord(readProcessEnvironment(), createLog('warn'));
  process.stdout.write('The database is at this version.\n');
  return 0;
}

async function context(): Promise<number> {
  const { runContext } = await import('./cli-context.ts');
  return await runContext(process.argv.slice(3), async (service) => {
    const { readContext } = await import('./compose/compose-context.ts');
    const { readProcessEnvironment } = await import('./config/read-process.ts');
    const { createLog } = await import('./platform/log.ts');
    return await readContext(readProcessEnvironment(), createLog('silent'), service);
  });
}

async function similar(): Promise<number> {
  const { runSimilar } = await import('./cli-similar.ts');
  return await runSimilar(process.argv.slice(3), async (text) => {
    const { readSimilar } = await import('./compose/compose-similar.ts');
    const { readProcessEnvironment } = await import('./config/read-process.ts');
    const { createLog } = await import('./platform/log.ts');
    return await readSimilar(readProcessEnvironment(), createLog('silent'), text);
  });
}

async function doctor(): Promise<number> {
  const { openForDoctor } = await import('./compose.ts');
  const { readProcessEnvironment } = await import('./config/read-process.ts');
  const { examine } = await import('./doctor.ts');
  const { createLog } = await import('./platform/log.ts');
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
