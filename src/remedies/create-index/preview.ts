import type { RiskFacts } from '../../domain/risk.ts';
import type { Service } from '../../domain/service.ts';
import type { TableFacts } from '../../ports/database.ts';
import type { IndexOrder } from '../../ports/database-admin.ts';
import type { Preview } from '../../ports/remedy.ts';
import {
  exceptOwn,
  findDatabase,
  fingerprint,
  tablesOrReason,
  unknownDatabase,
} from '../shared-postgres/database-target.ts';
import { type BuildEstimate, estimateBuild } from '../shared-postgres/estimate-build.ts';
import { sayBytes, sayCount, saySeconds } from '../shared-postgres/say-size.ts';
import type { Tools } from '../tools.ts';
import { findDuplicate, findWider } from './find-duplicate.ts';
import { type Gain, measureGain } from './measure-gain.ts';
import { type Column, orderOf, paramsSchema } from './schema.ts';

const mediumBytes = 1e9;
const highBytes = 50e9;
/** Each of them is written with every row. */
const manyIndexes = 15;

/** What would be built, what it costs and what it gains. Reads the target; the replica is elsewhere. */
export async function previewIndex(
  tools: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a table and the columns of an index.');
  const { database, columns, statement } = parsed.data;
  const target = findDatabase(service, database);
  if (target === undefined) return impossible(unknownDatabase(service, database));
  const tables = await tablesOrReason(tools, target, signal);
  if (typeof tables === 'string') return impossible(tables);
  const table = chooseTable(tables, parsed.data);
  if (typeof table === 'string') return impossible(table);
  const label = `${table.schema}.${table.name}`;
  const reason = whyNotColumns(table, columns);
  if (reason !== null) return impossible(reason);
  const twin = findDuplicate(table, columns);
  if (twin !== undefined) return impossible(`${label} has this index already: ${twin.name}.`);

  const full = { database: target.name, schema: table.schema, table: table.name, columns };
  const order = orderOf(full);
  const rehearsal = await tools.databases.rehearseCreate(target, order, signal);
  if (!rehearsal.possible) return impossible(`${rehearsal.reason}.`);
  const gain: Gain =
    statement === undefined
      ? {
          useful: true,
          measured: null,
          notes: ['No statement was named, so what it gains was not measured.'],
        }
      : await measureGain(tools, target, order, statement, signal);
  if (!gain.useful) return impossible(gain.reason);

  const estimate = estimateBuild(
    table,
    columns.map((column) => column.name),
  );
  return {
    possible: true,
    facts: factsOf(table),
    planned: {
      kind: 'create-index',
      service: service.name,
      params: {
        ...full,
        columns: columns.map((column) => ({ ...column })),
        ...(statement === undefined ? {} : { statement }),
      },
      pins: { table: fingerprint(table, exceptOwn) },
      preview: {
        summary: `Create an index on ${label} (${spell(columns)}) in database ${target.name} of ${service.name}.`,
        diff: `${rehearsal.statement};\n`,
        measured: gain.measured,
        notes: [...gain.notes, ...notesOn(table, order, columns, estimate)],
        undo: `DROP INDEX CONCURRENTLY ${order.name}: takes moments, and reads and writes go on.`,
      },
    },
  };
}

function chooseTable(
  tables: readonly TableFacts[],
  wanted: { readonly schema?: string | undefined; readonly table: string },
): TableFacts | string {
  const found = tables.filter(
    (one) => one.name === wanted.table && (wanted.schema === undefined || one.schema === wanted.schema),
  );
  const [only, another] = found;
  if (only === undefined) return 'there is no such table in the schemas that the catalogue names.';
  if (another === undefined) return only;
  return `${wanted.table} is in several schemas (${found.map((one) => one.schema).join(', ')}): name one of them.`;
}

function whyNotColumns(table: TableFacts, columns: readonly Column[]): string | null {
  const names = columns.map((column) => column.name);
  const known = new Set(table.columns.map((column) => column.name));
  if (names.some((name) => !known.has(name)))
    return `${table.schema}.${table.name} has no such column; it has ${[...known].join(', ')}.`;
  return new Set(names).size < names.length ? 'a column is there twice.' : null;
}

function factsOf(table: TableFacts): RiskFacts {
  const size = `adds an index to a table of ${sayBytes(table.bytes)} without blocking reads or writes`;
  const many = table.indexes.length >= manyIndexes;
  const base = table.bytes >= highBytes || many ? 'high' : table.bytes >= mediumBytes ? 'medium' : 'low';
  return {
    base,
    reasons: [size, ...(many ? [`the table has ${table.indexes.length} indexes already`] : [])],
    reversible: 'exact',
  };
}

function notesOn(
  table: TableFacts,
  order: IndexOrder,
  columns: readonly Column[],
  estimate: BuildEstimate,
): string[] {
  const wider = findWider(table, columns);
  const left = table.indexes.find((index) => !index.valid);
  return [
    'Reads and writes go on during the build; it waits for transactions that are older than itself.',
    `The build takes about ${saySeconds(estimate.seconds)}, needs about ${sayBytes(estimate.diskBytes)} of disk and leaves an index of about ${sayBytes(estimate.indexBytes)}: estimated from ${sayBytes(table.bytes)} and ${sayCount(table.rows)} rows, read twice.`,
    'From then on each write to the table maintains it.',
    ...(wider.length === 0
      ? []
      : [`${wider.map((index) => index.name).join(', ')} begins with the same columns.`]),
    ...(left === undefined || left.name === order.name
      ? []
      : [`An invalid index is on the table, left by a build that failed: ${left.name}.`]),
  ];
}

function spell(columns: readonly Column[]): string {
  return columns.map(({ name, order }) => (order === 'desc' ? `${name} desc` : name)).join(', ');
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}
