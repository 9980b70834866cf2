import type { Check, Receipt } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { TableFacts } from '../../ports/database.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import {
  exceptOwn,
  findDatabase,
  fingerprint,
  tablesOrReason,
  unknownDatabase,
} from '../shared-postgres/database-target.ts';
import { sayPlan, usesIndex } from '../shared-postgres/say-plan.ts';
import { sayBytes } from '../shared-postgres/say-size.ts';
import type { Tools } from '../tools.ts';
import { orderOf, readParams, readPins } from './schema.ts';

/** Builds the index that was shown; a build that has begun goes on, whatever happened to the table since. */
export async function applyIndex(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const params = readParams(planned.params);
  const order = orderOf(params);
  const target = findDatabase(service, params.database);
  if (target === undefined) return refuse(unknownDatabase(service, params.database));
  const tables = await tablesOrReason(tools, target, signal);
  if (typeof tables === 'string') return refuse(tables);
  const begun = context.again && hasIndex(tables, order);
  const stale = begun ? null : whyMoved(tables, planned);
  if (stale !== null) return refuse(stale);
  const rehearsal = await tools.databases.rehearseCreate(target, order, signal);
  if (!rehearsal.possible) return refuse(`${rehearsal.reason}.`);
  if (`${rehearsal.statement};\n` !== planned.preview.diff)
    return refuse('the statement is no longer the one that was shown.');

  const built = await tools.databases.createIndex(target, order, signal);
  if (!built.done) return refuse(built.reason);
  const { name, definition, bytes } = built.index;
  const { schema, table } = order;
  return {
    applied: true,
    receipt: {
      summary: `Created index ${name} on ${schema}.${table} (${sayBytes(bytes)}).`,
      url: null,
      data: { version: 1, database: target.name, schema, table, index: name, definition },
    },
  };
}

export async function whyIndexStale(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<string | null> {
  const { database } = readParams(planned.params);
  const target = findDatabase(service, database);
  if (target === undefined) return unknownDatabase(service, database);
  const tables = await tablesOrReason(tools, target, signal);
  return typeof tables === 'string' ? tables : whyMoved(tables, planned);
}

/** The index is there and valid, and the statement that it is for now goes through it. */
export async function verifyIndex(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  _receipt: Receipt,
  signal: AbortSignal,
): Promise<Check> {
  const params = readParams(planned.params);
  const order = orderOf(params);
  const target = findDatabase(service, params.database);
  if (target === undefined) return { state: 'unknown', text: unknownDatabase(service, params.database) };
  try {
    const tables = await tools.inspector.tables(target, signal);
    const index = findTable(tables, order)?.indexes.find((one) => one.name === order.name);
    if (index === undefined) return { state: 'broken', text: `Index ${order.name} is not there.` };
    if (!index.valid) return { state: 'broken', text: `Index ${order.name} is there, but not valid.` };
    if (params.statement === undefined)
      return { state: 'holds', text: `Index ${order.name} is there and valid.` };
    const plan = await tools.inspector.explain(target, params.statement, signal);
    const text = `The statement's plan is now ${sayPlan(plan, order.table)}.`;
    return { state: usesIndex(plan, order.name) ? 'holds' : 'broken', text };
  } catch (error) {
    if (!(error instanceof WarroomError)) throw error;
    return { state: 'unknown', text: explainError(error) };
  }
}

function whyMoved(tables: readonly TableFacts[], planned: PlannedRemedy): string | null {
  const order = orderOf(readParams(planned.params));
  const label = `${order.schema}.${order.table}`;
  const table = findTable(tables, order);
  if (table === undefined) return `there is no table ${label} any more.`;
  if (fingerprint(table, exceptOwn) === readPins(planned.pins).table) return null;
  return `columns or indexes of ${label} have changed since the plan was made.`;
}

function hasIndex(
  tables: readonly TableFacts[],
  order: { schema: string; table: string; name: string },
): boolean {
  return findTable(tables, order)?.indexes.some((index) => index.name === order.name) ?? false;
}

function findTable(
  tables: readonly TableFacts[],
  { schema, table }: { schema: string; table: string },
): TableFacts | undefined {
  return tables.find((one) => one.schema === schema && one.name === table);
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}
