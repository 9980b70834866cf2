import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'csv-stringify';
import { openAudit, rekeyAudit } from './compose.ts';
import { readProcessEnvironment } from './config/read-process.ts';
import { type Act, actColumns } from './domain/audit-act.ts';
import { sayReport } from './domain/audit-report.ts';
import { explainError, WarroomError } from './platform/errors.ts';
import { createLog } from './platform/log.ts';

const usage = `npm run warroom -- audit COMMAND

  verify [--anchor DIGEST] [--json]
      proves that nobody changed the record; with --anchor also that it still extends an anchor kept elsewhere
      ends with 0 when all holds, 1 when something is broken, 3 when it could not be checked
  export [--format json|csv] [--since ISO-TIME] [--incident ID] [--output FILE]
      who saw, clicked, ran and undid what; JSON to standard output unless said otherwise
  rekey
      after WARROOM_SECRET was changed: seals the record with the new one; the old one is read from standard input
`;

/** @returns the exit code */
export async function runAudit(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case 'verify':
        return await verify(rest);
      case 'export':
        return await exportActs(rest);
      case 'rekey':
        return await rekey(rest);
      case 'help':
        process.stdout.write(usage);
        return 0;
      default:
        throw new WrongUsage(command === undefined ? '' : `There is no command "audit ${command}".`);
    }
  } catch (error) {
    if (!isUsageError(error)) throw error;
    process.stderr.write(`${error.message === '' ? '' : `${error.message}\n\n`}${usage}`);
    return 2;
  }
}

class WrongUsage extends Error {}

async function verify(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { anchor: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const anchor = values.anchor?.trim().toLowerCase() ?? null;
  if (anchor !== null && !/^[0-9a-f]{64}$/.test(anchor)) {
    throw new WrongUsage('--anchor takes the 64 hexadecimal digits of an anchor.');
  }
  try {
    const desk = await openAudit(readProcessEnvironment(), createLog('silent'));
    try {
      const report = await desk.verify(anchor);
      process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : sayReport(report));
      return report.holds ? 0 : 1;
    } finally {
      await desk.close();
    }
  } catch (error) {
    // Whoever is paged for a broken audit should not be paged for a database that is away.
    if (!(error instanceof WarroomError)) throw error;
    process.stderr.write(`The audit could not be checked. ${explainError(error)}\n`);
    return 3;
  }
}

async function exportActs(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      format: { type: 'string', default: 'json' },
      since: { type: 'string' },
      incident: { type: 'string' },
      output: { type: 'string' },
    },
  });
  const { format, output } = values;
  if (format !== 'json' && format !== 'csv') throw new WrongUsage('--format is json or csv.');
  const since = values.since === undefined ? null : parseTime(values.since);
  const incidentId = values.incident ?? null;
  const desk = await openAudit(readProcessEnvironment(), createLog('silent'));
  try {
    if (incidentId !== null && !(await desk.hasStream(incidentId))) {
      process.stderr.write(`There is no timeline of an incident ${incidentId}.\n`);
      return 1;
    }
    let count = 0;
    const acts = counted(desk.acts({ since, incidentId }), () => {
      count += 1;
    });
    await (output === undefined ? writeOut(acts, format) : writeFile(acts, format, output));
    process.stderr.write(
      `${count.toLocaleString('en')} acts${output === undefined ? '' : ` in ${output}`}. Whether nobody changed them: npm run warroom -- audit verify\n`,
    );
    return 0;
  } finally {
    await desk.close();
  }
}

async function rekey(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const oldSecret = (await readText(process.stdin)).replace(/\r?\n$/, '');
  if (oldSecret === '')
    throw new WrongUsage('The old secret is read from standard input, and there was none.');
  await rekeyAudit(readProcessEnvironment(), createLog('warn'), oldSecret);
  process.stdout.write('The record is sealed with the new secret.\n');
  return 0;
}

async function* counted(acts: AsyncIterable<Act>, onAct: () => void): AsyncGenerator<Act> {
  for await (const act of acts) {
    onAct();
    yield act;
  }
}

async function writeOut(acts: AsyncIterable<Act>, format: 'json' | 'csv'): Promise<void> {
  try {
    await write(acts, format, process.stdout, false);
    await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()));
  } catch (error) {
    // `| head` has seen enough.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

/** Whole or not at all; for its owner alone, as it names people. */
async function writeFile(acts: AsyncIterable<Act>, format: 'json' | 'csv', file: string): Promise<void> {
  const draft = `${file}.part`;
  try {
    await write(acts, format, createWriteStream(draft, { mode: 0o600 }), true);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function write(
  acts: AsyncIterable<Act>,
  format: 'json' | 'csv',
  to: Writable,
  end: boolean,
): Promise<void> {
  if (format === 'json') return await pipeline(asJson(acts), to, { end });
  const csv = stringify({
    header: true,
    columns: [...actColumns],
    // A spreadsheet must not compute what somebody wrote into a log line or a reason.
    escape_formulas: true,
    cast: {
      object: (value: unknown) => (Array.isArray(value) ? value.join(' ') : ''),
      string: (value: string) => (value.startsWith('\n') ? `'${value}` : value),
    },
  });
  await pipeline(Readable.from(acts), csv, to, { end });
}

async function* asJson(acts: AsyncIterable<Act>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const act of acts) {
    yield `${separator}${JSON.stringify(act)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

function parseTime(given: string): Date {
  const time = new Date(given);
  if (!/^\d{4}-\d{2}-\d{2}(T|$)/.test(given) || Number.isNaN(time.getTime())) {
    throw new WrongUsage(`--since takes a time such as 2026-11-22 or 2026-11-22T14:00:00Z, not "${given}".`);
  }
  return time;
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof WrongUsage) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS_');
}
