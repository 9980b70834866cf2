import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { SourceRefused } from '../../platform/errors.ts';
import type { Applied } from '../../ports/remedy.ts';
import { findDatabase, unknownDatabase } from '../shared-postgres/database-target.ts';
import { sayBytes } from '../shared-postgres/say-size.ts';
import type { Tools } from '../tools.ts';
import { findIndexes, readInverse, readParams } from './schema.ts';

/** The definition as the server has it now, word for word. */
export async function inverseOfDrop(
  { inspector }: Tools,
  service: Service,
  planned: PlannedRemedy,
  signal: AbortSignal,
): Promise<Json> {
  const params = readParams(planned.params);
  const target = findDatabase(service, params.database);
  const tables = target === undefined ? [] : await inspector.tables(target, signal);
  const [found] = findIndexes(tables, params);
  if (found === undefined) {
    throw new SourceRefused(
      `There is no index ${params.index} any more, so it could not be built again either.`,
      'Make the plan anew.',
    );
  }
  const { table, index } = found;
  return {
    version: 1,
    how: 'create-index',
    database: params.database,
    schema: table.schema,
    table: table.name,
    index: index.name,
    definition: index.definition,
  };
}

export async function undoDrop(
  { databases }: Tools,
  service: Service,
  inverse: Json,
  signal: AbortSignal,
): Promise<Applied> {
  const { database, schema, table, index, definition } = readInverse(inverse);
  const target = findDatabase(service, database);
  if (target === undefined) return { applied: false, reason: unknownDatabase(service, database) };
  const built = await databases.restoreIndex(target, { schema, table, name: index }, definition, signal);
  if (!built.done) return { applied: false, reason: built.reason };
  const summary = built.built
    ? `Built index ${index} of ${schema}.${table} again (${sayBytes(built.index.bytes)}).`
    : `Index ${index} of ${schema}.${table} was there already.`;
  return { applied: true, receipt: { summary, url: null, data: { version: 1, index } } };
}
