import type { Receipt } from '../../domain/execution.ts';
import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { Applied } from '../../ports/remedy.ts';
import { findDatabase, unknownDatabase } from '../shared-postgres/database-target.ts';
import type { Tools } from '../tools.ts';
import { orderOf, readInverse, readParams, readReceipt } from './schema.ts';

export function inverseOfIndex(planned: PlannedRemedy): Json {
  const params = readParams(planned.params);
  const { schema, table, name } = orderOf(params);
  return { version: 1, how: 'drop-index', database: params.database, schema, table, index: name };
}

/** Drops the index that was built, if it is still that one. */
export async function undoIndex(
  { inspector, databases }: Tools,
  service: Service,
  inverse: Json,
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Applied> {
  const { database, schema, table, index } = readInverse(inverse);
  const { definition } = readReceipt(receipt.data);
  const target = findDatabase(service, database);
  if (target === undefined) return { applied: false, reason: unknownDatabase(service, database) };
  const tables = await inspector.tables(target, signal);
  const there = tables
    .find((one) => one.schema === schema && one.name === table)
    ?.indexes.find((one) => one.name === index);
  if (there !== undefined && there.definition !== definition) {
    return {
      applied: false,
      reason: `${index} is no longer the index that was built: it is ${there.definition}. Drop it by hand if it should go.`,
    };
  }
  const dropped = await databases.dropIndex(target, { schema, table, name: index }, signal);
  if (!dropped.done) return { applied: false, reason: dropped.reason };
  const summary = dropped.dropped
    ? `Dropped index ${index} of ${schema}.${table} again.`
    : `Index ${index} of ${schema}.${table} was gone already.`;
  return { applied: true, receipt: { summary, url: null, data: { version: 1, index } } };
}
