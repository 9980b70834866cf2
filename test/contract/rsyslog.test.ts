import { afterEach, expect, it, onTestFailed } from 'vitest';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import type { LogLine } from '../../src/ports/log-source.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { type Rsyslog, startRsyslog } from '../support/rsyslog.ts';
import { until } from '../support/server-process.ts';
import { startWarroomHttp, telemetryToken, type WarroomHttp } from '../support/warroom-http.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** rsyslog looks after its files, and after a server that failed it, in its own time. */
const patienceMs = 40_000;

async function ship(warroom: WarroomHttp): Promise<Rsyslog> {
  const rsyslog = await startRsyslog({
    port: Number(new URL(warroom.url).port),
    user: 'rsyslog',
    password: telemetryToken,
  });
  ends.push(() => rsyslog.stop());
  onTestFailed(() => console.error(`rsyslog said: ${rsyslog.output()}`));
  return rsyslog;
}

async function storedLines(telemetry: WarroomHttp['telemetry'], service: string): Promise<LogLine[]> {
  const window = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 60_000), limit: 10_000 };
  return (await telemetry.lines({ service, ...window }, AbortSignal.timeout(5_000))).lines;
}

const services = ['checkout', 'ledger'] as const;
const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Line `i` as a structured logger writes it: levels in words or in pino's numbers, traces under three names. */
function expected(i: number) {
  return {
    service: services[i % 2] ?? '',
    level: levels[i % levels.length] ?? 'unknown',
    message: `request ${i} handled – "ok" \\ ünï`,
    traceId: (i + 1).toString(16).padStart(32, '0'),
  };
}

function written(i: number): string {
  const { service, level, message, traceId } = expected(i);
  const traceKey = ['traceId', 'trace_id', 'trace.id'][i % 3] ?? 'traceId';
  const asWritten = i % 4 === 0 ? ((i % levels.length) + 2) * 10 : level.toUpperCase();
  const time = new Date(Date.now() - 10_000 + i).toISOString();
  return JSON.stringify({ time, level: asWritten, service, [traceKey]: traceId, msg: message, n: i });
}

it('every one of 2,000 lines that a real rsyslog ships is stored, with its level, service and trace', async () => {
  const warroom = await startWarroomHttp();
  ends.push(() => warroom.close());
  const rsyslog = await ship(warroom);
  const numbers = Array.from({ length: 2_000 }, (_, i) => i);

  await rsyslog.append(rsyslog.documents, numbers.slice(0, 1_200).map(written));
  // The other files of a host hold whatever was printed; structured lines among it are still understood.
  await rsyslog.append(rsyslog.text, numbers.slice(1_200).map(written));
  await until(
    'all of them',
    () => warroom.metrics.text().includes('warroom_telemetry_lines_total{outcome="accepted"} 2000'),
    patienceMs,
  );

  const stored = await Promise.all(services.map((service) => storedLines(warroom.telemetry, service)));
  const seen = stored
    .flat()
    .sort((a, b) => Number(a.fields['n']) - Number(b.fields['n']))
    .map(({ service, level, message, traceId }) => ({ service, level, message, traceId }));
  expect(seen).toEqual(numbers.map(expected));
});

it('plain lines carry the name of their file’s program, and a stack trace is kept line by line', async () => {
  const warroom = await startWarroomHttp();
  ends.push(() => warroom.close());
  const rsyslog = await ship(warroom);
  const printed = ['nightly run starts', 'TypeError: nothing "there"', '    at run (job.js:3:1)'];

  await rsyslog.append(rsyslog.text, printed);
  const lines = await until(
    'the lines',
    async () => {
      const stored = await storedLines(warroom.telemetry, 'batch-job');
      return stored.length >= 3 && stored;
    },
    patienceMs,
  );

  expect(lines.map(({ message }) => message)).toEqual(printed);
});

it('lines refused while the record was down come again and are all stored', async () => {
  const store = await openRecord({ databaseUrl: null, dataDir: null, auditKey });
  ends.push(() => store.close());
  let down = true;
  let refused = 0;
  const warroom = await startWarroomHttp({
    telemetry: {
      ...store.telemetry,
      async appendLogs(lines) {
        if (!down) return store.telemetry.appendLogs(lines);
        refused += 1;
        throw new SourceUnreachable('The record gives no answer.', 'Look at PostgreSQL.');
      },
    },
  });
  ends.push(() => warroom.close());
  const rsyslog = await ship(warroom);
  const numbers = Array.from({ length: 500 }, (_, i) => i);

  await rsyslog.append(rsyslog.documents, numbers.map(written));
  await until('two refusals', () => refused >= 2, patienceMs);
  down = false;

  await until(
    'all of them',
    async () => {
      const stored = await Promise.all(services.map((service) => storedLines(store.telemetry, service)));
      return new Set(stored.flat().map((line) => line.fields['n'])).size === 500;
    },
    patienceMs,
  );
}, 120_000);
