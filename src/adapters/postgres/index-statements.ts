import { z } from 'zod';
import type { IndexIdentity, IndexOrder } from '../../ports/database-admin.ts';
import { parseStatements } from './parse-statement.ts';
import type { Session } from './session.ts';

const textSchema = z.object({ text: z.string() });

/** An order as PostgreSQL itself would spell it, so that it can be compared with what is there. */
export interface SpelledOrder {
  /** As `pg_get_indexdef` gives it. */
  readonly definition: string;
  /** Without blocking writes. */
  readonly statement: string;
}

/** Names are quoted by the server, where they need it. */
async function quoteNames(
  session: Session,
  order: IndexOrder,
): Promise<{ name: string; table: string; columns: readonly string[] }> {
  const keys = order.columns.map((_, index) => `quote_ident($${index + 4})`).join(`, `);
  const rows = await session.rows(
    textSchema,
    `select unnest(array[quote_ident($1), quote_ident($2) || '.' || quote_ident($3), ${keys}]) as text`,
    [order.name, order.schema, order.table, ...order.columns.map((column) => column.name)],
  );
  const [name = '', table = '', ...names] = rows.map((row) => row.text);
  const columns = names.map((text, index) =>
    order.columns[index]?.order === 'desc' ? `${text} DESC` : text,
  );
  return { name, table, columns };
}

export async function spellOrder(session: Session, order: IndexOrder): Promise<SpelledOrder> {
  const { name, table, columns } = await quoteNames(session, order);
  const rest = `INDEX ${name} ON ${table} USING btree (${columns.join(', ')})`;
  return { definition: `CREATE ${rest}`, statement: `CREATE ${rest.replace('INDEX', 'INDEX CONCURRENTLY')}` };
}

/** The plan of reading the table in this order: asked for, never run. */
export async function spellSort(session: Session, order: IndexOrder): Promise<string> {
  const { table, columns } = await quoteNames(session, order);
  return `EXPLAIN SELECT FROM ${table} ORDER BY ${columns.join(', ')}`;
}

export async function spellDrop(session: Session, index: IndexIdentity): Promise<string> {
  const [row] = await session.rows(textSchema, `select quote_ident($1) || '.' || quote_ident($2) as text`, [
    index.schema,
    index.name,
  ]);
  return `DROP INDEX CONCURRENTLY ${row?.text ?? ''}`;
}

/** A stored definition as a concurrent build of exactly this index; null when it is anything else. */
export function concurrently(definition: string, index: IndexIdentity): string | null {
  const parsed = parseStatements(definition);
  if ('fault' in parsed) return null;
  const [only, ...more] = parsed.statements;
  if (only === undefined || more.length > 0 || !('IndexStmt' in only)) return null;
  const { idxname, relation } = only.IndexStmt;
  const same =
    idxname === index.name && relation?.schemaname === index.schema && relation.relname === index.table;
  const statement = definition.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY ');
  return same && statement !== definition ? statement : null;
}
