import type { Check } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { TableFacts } from '../../ports/database.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import {
  findDatabase,
  fingerprint,
  tablesOrReason,
  unknownDatabase,
} from '../shared-postgres/database-target.ts';
import type { Tools } from '../tools.ts';
import { findIndexes, readParams, readPins } from './schema.ts';

/** Drops the index that was shown. A drop that was cut off leaves it invalid: the next try ends what has begun. */
export async function applyDrop(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const params = readParams(planned.params);
  const target = findDatabase(service, params.database);
  if (target === undefined) return refuse(unknownDatabase(service, params.database));
  const tables = await tablesOrReason(tools, target, signal);
  if (typeof tables === 'string') return refuse(tables);
  const applied = (summary: string): Applied => ({
    applied: true,
    receipt: { summary, url: null, data: { version: 1, index: params.index } },
  });
  const [found] = findIndexes(tables, params);
  if (found === undefined && context.again) return applied(`Dropped index ${params.index}.`);
  const stale = whyMoved(tables, planned);
  if (stale !== null || found === undefined) return refuse(stale ?? 'there is no such index any more.');

  const { schema, name: table } = found.table;
  const identity = { schema, table, name: params.index };
  const rehearsal = await tools.databases.rehearseDrop(target, identity, signal);
  if (!rehearsal.possible) return refuse(`${params.index} cannot be dropped: ${rehearsal.reason}.`);
  if (`${rehearsal.statement};\n` !== planned.preview.diff)
    return refuse('the statement is no longer the one that was shown.');
  const dropped = await tools.databases.dropIndex(target, identity, signal);
  if (!dropped.done) return refuse(`${params.index} cannot be dropped: ${dropped.reason}`);
  return applied(`Dropped index ${params.index} of ${schema}.${table}.`);
}

export async function whyDropStale(
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

export async function verifyDrop(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<Check> {
  const params = readParams(planned.params);
  const target = findDatabase(service, params.database);
  if (target === undefined) return { state: 'unknown', text: unknownDatabase(service, params.database) };
  try {
    const [found] = findIndexes(await tools.inspector.tables(target, signal), params);
    return found === undefined
      ? { state: 'holds', text: `Index ${params.index} is gone.` }
      : { state: 'broken', text: `Index ${params.index} is still there.` };
  } catch (error) {
    if (!(error instanceof WarroomError)) throw error;
    return { state: 'unknown', text: explainError(error) };
  }
}

function whyMoved(tables: readonly TableFacts[], planned: PlannedRemedy): string | null {
  const params = readParams(planned.params);
  const pins = readPins(planned.pins);
  const [found] = findIndexes(tables, params);
  if (found === undefined) return `there is no index ${params.index} any more.`;
  if (found.index.definition !== pins.definition)
    return `${params.index} is another index than when the plan was made.`;
  if (fingerprint(found.table, (index) => index !== params.index) !== pins.table)
    return `columns or indexes of ${found.table.schema}.${found.table.name} have changed since the plan was made.`;
  return null;
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}
