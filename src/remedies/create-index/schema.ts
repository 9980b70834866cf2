import { z } from 'zod';
import { canonicalJson, sha256 } from '../../platform/canonical-json.ts';
import type { IndexOrder } from '../../ports/database-admin.ts';
import { readStored } from '../read-stored.ts';
import { databaseName, identifier, ownPrefix } from '../shared-postgres/database-target.ts';

/** More columns in one index serve nobody. */
const mostColumns = 8;

const columnSchema = z.strictObject({ name: identifier, order: z.enum(['asc', 'desc']).default('asc') });

/** A person may write `created_at desc`. */
const columnText = identifier.transform((text) => {
  const [, name = text, order] = /^(.+?)\s+(asc|desc)$/i.exec(text) ?? [];
  return { name, order: order?.toLowerCase() === 'desc' ? ('desc' as const) : ('asc' as const) };
});

export const paramsSchema = z.strictObject({
  database: databaseName,
  schema: identifier.optional(),
  table: identifier,
  columns: z
    .array(z.union([columnText, columnSchema]))
    .min(1)
    .max(mostColumns),
  /** The slow `SELECT` that the index is for; what it gains is measured with it. */
  statement: z
    .string()
    .min(1)
    .max(10_000)
    .refine((text) => text === text.normalize('NFC') && !text.includes('\0'))
    .optional(),
});

export type Column = IndexOrder['columns'][number];

/** As they stand in a plan: nothing is left to a default. */
const plannedSchema = z.strictObject({
  database: z.string(),
  schema: identifier,
  table: identifier,
  columns: z.array(columnSchema),
  statement: z.string().optional(),
});

const pinsSchema = z.strictObject({
  /** Digest of the table's columns and other indexes. */
  table: z.string(),
});

const receiptSchema = z.object({
  version: z.literal(1),
  database: z.string(),
  schema: z.string(),
  table: z.string(),
  index: z.string(),
  definition: z.string(),
});

const inverseSchema = z.object({
  version: z.literal(1),
  how: z.literal('drop-index'),
  database: z.string(),
  schema: z.string(),
  table: z.string(),
  index: z.string(),
});

const hint = 'Drop the index by hand: DROP INDEX CONCURRENTLY and its name.';

export const readParams = (stored: unknown) =>
  readStored(plannedSchema, stored, 'parameters of an index', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of an index', hint);
export const readReceipt = (stored: unknown) =>
  readStored(receiptSchema, stored, 'receipt of an index', hint);
export const readInverse = (stored: unknown) =>
  readStored(inverseSchema, stored, 'inverse of an index', hint);

const mostNameBytes = 63;

/** Whose it is, of what, and a digest of the exact order: the same order has the same name in every try and every plan. */
export function orderOf(params: {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly Column[];
}): IndexOrder {
  const { database, schema, table, columns } = params;
  const digest = sha256(
    canonicalJson({ database, schema, table, columns: columns.map((one) => ({ ...one })) }),
  );
  const readable = [table, ...columns.map((column) => column.name)]
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '');
  const stem = `${ownPrefix}${readable}`.slice(0, mostNameBytes - 7);
  const name = `${stem}_${digest.slice(0, 6)}`;
  return { schema, table, columns, name };
}
