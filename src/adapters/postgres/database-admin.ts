import { z } from 'zod';
import type { DatabaseTarget } from '../../domain/service.ts';
import { SourceRefused } from '../../platform/errors.ts';
import type {
  Built,
  DatabaseAdmin,
  Dropped,
  IndexIdentity,
  IndexOrder,
  Rehearsal,
} from '../../ports/database-admin.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { holdName } from './advisory-lock.ts';
import { cancelled, lockTimeout, sqlState, undefinedFunction } from './errors.ts';
import { findIndex, type IndexRow, indexFacts } from './index-catalogue.ts';
import { concurrently, spellDrop, spellOrder, spellSort } from './index-statements.ts';
import { type Session, withSession } from './session.ts';

export interface DatabaseAdminOptions {
  /** Of one build; default two hours. */
  readonly buildTimeoutMs?: number;
  /**
   * How long a build waits for older transactions to end. Waiting harms nobody: what a concurrent build waits with does not
   * stand in the way of reads and writes. Default one minute.
   */
  readonly lockTimeoutMs?: number;
}

const lookTimeoutMs = 10_000;
const cleanUpMs = 20_000;

/** Builds and drops indexes in services' databases; nothing else. */
export function createDatabaseAdmin(secrets: Secrets, options: DatabaseAdminOptions = {}): DatabaseAdmin {
  const { buildTimeoutMs = 2 * 60 * 60_000, lockTimeoutMs = 60_000 } = options;
  const looking = {
    secrets,
    // A database in trouble is what fixes are for: it may take its time to greet.
    limits: { connectTimeoutMs: 10_000, statementTimeoutMs: lookTimeoutMs, lockTimeoutMs: 2_000 },
  };
  const building = {
    secrets,
    limits: { connectTimeoutMs: 5_000, statementTimeoutMs: buildTimeoutMs, lockTimeoutMs },
  };

  async function build(
    target: DatabaseTarget,
    index: IndexIdentity,
    wanted: { definition: string; statement: string },
    signal: AbortSignal,
    session: Session,
  ): Promise<Built> {
    const { schema, name } = index;
    const there = await findIndex(session, schema, name);
    if (there !== undefined) {
      if (there.definition !== wanted.definition)
        return { done: false, reason: `there is another index named ${name}: ${there.definition}.` };
      if (there.valid) return { done: true, built: false, index: indexFacts(there) };
      // What a try that was cut off has left: it costs every write and serves no query.
      await session.run(await spellDrop(session, index));
    }
    try {
      await session.run(wanted.statement);
    } catch (error) {
      const reason = whyNotBuilt(error, buildTimeoutMs, lockTimeoutMs);
      await clean(target, index, wanted.definition, signal.aborted ? undefined : session);
      if (reason === null || signal.aborted) throw error;
      return { done: false, reason };
    }
    const built = await findIndex(session, schema, name);
    if (built?.valid !== true) {
      throw new SourceRefused(
        `PostgreSQL ${target.name} built ${name}, but does not have it as a valid index.`,
        'Look whether somebody dropped it meanwhile.',
      );
    }
    return { done: true, built: true, index: indexFacts(built) };
  }

  /** Best effort: what it cannot remove, the next try removes. */
  async function clean(
    target: DatabaseTarget,
    index: IndexIdentity,
    definition: string,
    open: Session | undefined,
  ): Promise<void> {
    const remove = async (session: Session): Promise<void> => {
      const left = await findIndex(session, index.schema, index.name);
      if (left === undefined || left.valid || left.definition !== definition) return;
      await session.run(await spellDrop(session, index));
    };
    try {
      if (open !== undefined) return await remove(open);
      const limits = { connectTimeoutMs: 5_000, statementTimeoutMs: cleanUpMs, lockTimeoutMs: cleanUpMs };
      await withSession({ secrets, limits }, target, AbortSignal.timeout(cleanUpMs), remove);
    } catch {
      // The reason that led here says more.
    }
  }

  return {
    rehearseCreate: (target, order, signal) =>
      withSession(looking, target, signal, async (session): Promise<Rehearsal> => {
        const reason = await whyNotIndexed(session, target, order);
        if (reason !== null) return { possible: false, reason };
        const { definition, statement } = await spellOrder(session, order);
        const there = await findIndex(session, order.schema, order.name);
        if (there !== undefined && there.definition !== definition)
          return { possible: false, reason: `there is another index named ${order.name}` };
        const unordered = await whyNotOrdered(session, order);
        return unordered === null ? { possible: true, statement } : { possible: false, reason: unordered };
      }),

    createIndex: (target, order, signal) =>
      withSession(building, target, signal, async (session): Promise<Built> => {
        await holdName(session, order.name, signal);
        const reason = await whyNotIndexed(session, target, order);
        if (reason !== null) return { done: false, reason: `${reason}.` };
        return build(target, order, await spellOrder(session, order), signal, session);
      }),

    restoreIndex: (target, index, definition, signal) =>
      withSession(building, target, signal, async (session): Promise<Built> => {
        const statement = concurrently(definition, index);
        if (statement === null || !target.schemas.includes(index.schema)) {
          throw new SourceRefused(
            `The stored definition of ${index.name} is not one of an index of ${index.schema}.${index.table}.`,
            'Build it again by hand; the execution has the definition.',
          );
        }
        await holdName(session, index.name, signal);
        return build(target, index, { definition, statement }, signal, session);
      }),

    rehearseDrop: (target, index, signal) =>
      withSession(looking, target, signal, async (session): Promise<Rehearsal> => {
        const there = await findOwn(session, target, index);
        if (there === undefined)
          return {
            possible: false,
            reason: `${index.schema}.${index.table} has no index named ${index.name}`,
          };
        const lost = there.beyond === null ? null : `it has ${there.beyond}, which would not be restored`;
        const reason = there.needed ?? lost ?? (await whyNotOwner(session, index));
        if (reason !== null) return { possible: false, reason };
        return { possible: true, statement: await spellDrop(session, index) };
      }),

    dropIndex: (target, index, signal) =>
      withSession(building, target, signal, async (session): Promise<Dropped> => {
        await holdName(session, index.name, signal);
        const there = await findOwn(session, target, index);
        if (there === undefined) return { done: true, dropped: false };
        if (there.needed !== null) return { done: false, reason: `${there.needed}.` };
        await session.run(await spellDrop(session, index));
        return { done: true, dropped: true };
      }),
  };
}

/** What needs nobody's attention but that of who asked; null for what does. */
function whyNotBuilt(error: unknown, buildTimeoutMs: number, lockTimeoutMs: number): string | null {
  switch (sqlState(error)) {
    case lockTimeout:
      return `a transaction that is older than the build did not end in ${lockTimeoutMs / 1000} s, and the build has to wait for all of them.`;
    case cancelled:
      return `the build was cancelled on the server, or took longer than ${Math.round(buildTimeoutMs / 60_000)} minutes.`;
    default:
      return null;
  }
}

async function findOwn(
  session: Session,
  target: DatabaseTarget,
  index: IndexIdentity,
): Promise<IndexRow | undefined> {
  if (!target.schemas.includes(index.schema)) return undefined;
  const row = await findIndex(session, index.schema, index.name);
  return row?.table === index.table ? row : undefined;
}

const tableSchema = z.object({ kind: z.string(), columns: z.array(z.string()), plain: z.boolean() });

/** Null when the table and its columns are there, take a concurrent build, and the role may. */
async function whyNotIndexed(
  session: Session,
  target: DatabaseTarget,
  order: IndexOrder,
): Promise<string | null> {
  const label = `${order.schema}.${order.table}`;
  if (!target.schemas.includes(order.schema))
    return `${order.schema} is not one of the schemas of ${target.name}`;
  const [table] = await session.rows(
    tableSchema,
    `select c.relkind as kind, c.relpersistence <> 't' as plain,
            array(select a.attname::text from pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [order.schema, order.table],
  );
  if (table === undefined) return `there is no table ${label}`;
  if (table.kind === 'p')
    return `${label} is partitioned, and PostgreSQL cannot index it without blocking writes`;
  if ((table.kind !== 'r' && table.kind !== 'm') || !table.plain) return `${label} is not a table`;
  const missing = order.columns.find((column) => !table.columns.includes(column.name));
  if (missing !== undefined) return `${label} has no column ${missing.name}`;
  return whyNotOwner(session, order);
}

/** Planning to sort by the columns needs what a B-tree needs of their types; nothing is sorted. */
async function whyNotOrdered(session: Session, order: IndexOrder): Promise<string | null> {
  try {
    await session.run(await spellSort(session, order));
    return null;
  } catch (error) {
    if (sqlState(error) !== undefinedFunction) throw error;
    return 'a column is of a type without an order, such as json, and a B-tree needs one';
  }
}

async function whyNotOwner(
  session: Session,
  table: { schema: string; table: string },
): Promise<string | null> {
  const [row] = await session.rows(
    z.object({ owner: z.string(), may: z.boolean(), creates: z.boolean(), standby: z.boolean() }),
    `select pg_get_userbyid(c.relowner) as owner, pg_has_role(c.relowner, 'usage') as may,
            has_schema_privilege(n.oid, 'create') as creates, pg_is_in_recovery() as standby
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [table.schema, table.table],
  );
  if (row === undefined) return `there is no table ${table.schema}.${table.table}`;
  if (row.standby) return 'the secret of this target leads to a standby, which takes no changes';
  if (!row.may)
    return `Warroom's role may not: ${table.schema}.${table.table} belongs to ${row.owner} (grant that role to it)`;
  if (!row.creates) return `Warroom's role may not create in schema ${table.schema}`;
  return null;
}
