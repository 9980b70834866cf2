import { z } from 'zod';
import type { IndexFacts, TableFacts } from '../../ports/database.ts';
import { readStored } from '../read-stored.ts';
import { databaseName, identifier } from '../shared-postgres/database-target.ts';

export const paramsSchema = z.strictObject({
  database: databaseName,
  /** May be left out where the name says enough. */
  schema: identifier.optional(),
  index: identifier,
});

const plannedSchema = z.strictObject({ database: z.string(), schema: identifier, index: identifier });

const pinsSchema = z.strictObject({
  /** Table and statement that make the index. */
  definition: z.string(),
  /** Digest of the table's columns and other indexes: dropping one of two that serve alike is not dropping the last. */
  table: z.string(),
});

const inverseSchema = z.object({
  version: z.literal(1),
  how: z.literal('create-index'),
  database: z.string(),
  schema: z.string(),
  table: z.string(),
  index: z.string(),
  definition: z.string(),
});

const hint = 'Build the index again by hand: the inverse in the audit export has its definition.';

export const readParams = (stored: unknown) =>
  readStored(plannedSchema, stored, 'parameters of a drop', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of a drop', hint);
export const readInverse = (stored: unknown) => readStored(inverseSchema, stored, 'inverse of a drop', hint);

export interface Found {
  readonly table: TableFacts;
  readonly index: IndexFacts;
}

export function findIndexes(
  tables: readonly TableFacts[],
  wanted: { readonly schema?: string | undefined; readonly index: string },
): Found[] {
  return tables
    .filter((table) => wanted.schema === undefined || table.schema === wanted.schema)
    .flatMap((table) => table.indexes.map((index) => ({ table, index })))
    .filter(({ index }) => index.name === wanted.index);
}
