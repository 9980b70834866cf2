import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ChangeSource } from '../ports/change-source.ts';
import type { LogLine, LogSource } from '../ports/log-source.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { Span, TraceSource } from '../ports/trace-source.ts';
import { createChanges } from './changes.ts';
import { groupCommit } from './group-commit.ts';
import { decodeLines, encodeLines, newestLines } from './log-batches.ts';
import type { Db, RootSession } from './session.ts';
import { newestTraces } from './span-batches.ts';
import { toJsonb } from './storable.ts';

const linesPerRow = 500;
const spansPerRow = 500;
const rowsPerInsert = 50;
const rowsPerRead = 20;
/** A parent that started long before its children may sit in an older batch than they do. */
const parentMarginMs = 60_000;

/** Telemetry in the record's database; read in [from, to), newest batches first, until the limit is met. */
export function createTelemetry(
  session: RootSession,
): TelemetryStore & LogSource & TraceSource & ChangeSource {
  const writeLogs = (lines: readonly LogLine[]) => insertLogs(session.db, lines);
  const writeSpans = (spans: readonly Span[]) => insertSpans(session.db, spans);
  const joinLogs = groupCommit(writeLogs);
  const joinSpans = groupCommit(writeSpans);
  const told = createChanges(session);

  return {
    changes: (query, signal) => told.changes(query, signal),
    appendChanges: (changes) => told.appendChanges(changes),

    async appendLogs(lines) {
      // Inside a transaction a write must not be handed to another caller's.
      if (lines.length > 0) await (session.inTransaction ? writeLogs(lines) : joinLogs(lines));
    },

    async appendSpans(spans) {
      if (spans.length > 0) await (session.inTransaction ? writeSpans(spans) : joinSpans(spans));
    },

    async trim(olderThan) {
      await session.db.deleteFrom('logBatches').where('lastAt', '<', olderThan).execute();
      await session.db.deleteFrom('spanBatches').where('lastAt', '<', olderThan).execute();
      await told.trimChanges(olderThan);
    },

    async lines({ service, from, to, limit }, signal) {
      const found = newestLines(from, to, limit);
      for (let last: Place | undefined; ; ) {
        const rows = await session.db
          .selectFrom('logBatches')
          .select(['id', 'lines', 'lastAt'])
          .where('service', '=', service)
          .where('lastAt', '>=', from)
          .where('firstAt', '<', to)
          .where(after(last))
          .orderBy('lastAt', 'desc')
          .orderBy('id', 'desc')
          .limit(rowsPerRead)
          .execute({ signal });
        for (const row of rows) {
          if (found.hasAllAfter(row.lastAt)) return found.take();
          found.add(decodeLines(row.lines, service));
        }
        last = rows.at(-1);
        if (rows.length < rowsPerRead) return found.take();
      }
    },

    async spans({ from, to, limit }, signal) {
      const found = newestTraces(from, to, limit);
      for (let last: Place | undefined; ; ) {
        const rows = await session.db
          .selectFrom('spanBatches')
          .select(['id', 'spans', 'lastAt'])
          .where('lastAt', '>=', from)
          .where('firstAt', '<', to)
          .where(after(last))
          .orderBy('lastAt', 'desc')
          .orderBy('id', 'desc')
          .limit(rowsPerRead)
          .execute({ signal });
        for (const row of rows) {
          if (found.hasAllAfter(new Date(row.lastAt.getTime() + parentMarginMs))) return found.take();
          found.add(JSON.parse(row.spans) as Span[]);
        }
        last = rows.at(-1);
        if (rows.length < rowsPerRead) return found.take();
      }
    },
  };
}

/** Where a page of batches ended; an offset would slip while new batches arrive. */
interface Place {
  readonly id: string;
  readonly lastAt: Date;
}

function after(place: Place | undefined): RawBuilder<SqlBool> {
  return place === undefined
    ? sql<SqlBool>`true`
    : sql<SqlBool>`(last_at, id) < (${place.lastAt}::timestamptz, ${String(place.id)}::bigint)`;
}

async function insertLogs(db: Db, lines: readonly LogLine[]): Promise<void> {
  const byService = Map.groupBy(lines, (line) => line.service);
  const rows = [...byService].flatMap(([service, own]) =>
    inChunks(own, linesPerRow).map((chunk) => ({
      service,
      ...bounds(chunk.map((line) => line.at.getTime())),
      lines: encodeLines(chunk),
    })),
  );
  for (const chunk of inChunks(rows, rowsPerInsert))
    await db.insertInto('logBatches').values(chunk).execute();
}

async function insertSpans(db: Db, spans: readonly Span[]): Promise<void> {
  const rows = inChunks(spans, spansPerRow).map((chunk) => ({
    ...bounds(chunk.map((span) => Math.floor(span.startUs / 1000))),
    spans: toJsonb(chunk),
  }));
  for (const chunk of inChunks(rows, rowsPerInsert))
    await db.insertInto('spanBatches').values(chunk).execute();
}

function bounds(timesMs: readonly number[]): { firstAt: Date; lastAt: Date } {
  const first = timesMs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = timesMs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { firstAt: new Date(first), lastAt: new Date(last) };
}

function inChunks<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
