import { z } from 'zod';
import type { TableFacts } from '../../../ports/database.ts';
import { sayRows } from '../database-look.ts';
import { defineTool, nothing, serviceOf } from '../tool.ts';
import { databasePlace, targetOf } from './target-of.ts';

const mostTables = 40;

export const databaseSchemaTool = defineTool({
  name: 'database_schema',
  description:
    'Tables of a service’s own PostgreSQL with estimated rows, sizes, columns, and indexes with how often they were used. Name a table for its columns; without one, all tables are listed.',
  input: z.object({
    ...databasePlace,
    table: z.string().max(63).optional(),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const target = targetOf(service, input.database);
    const { databases } = context.desk.sources;
    const title = `Schema of database ${target.name}`;
    const query = `pg_class, pg_attribute and pg_index of ${target.schemas.join(', ')}${input.table === undefined ? '' : `, table ${input.table}`}`;
    if (databases === null)
      return [nothing('database', service.name, title, 'Databases are not connected here.', query)];
    const all = await databases.tables(target, signal);
    const tables = input.table === undefined ? all : all.filter((one) => one.name === input.table);
    if (tables.length === 0) {
      const known = all.map((one) => one.name).slice(0, 60);
      const why =
        all.length === 0 ? 'It has no tables.' : `There is no such table. There are: ${known.join(', ')}.`;
      return [nothing('database', service.name, title, why, query)];
    }
    const largest = tables.toSorted((a, b) => b.bytes - a.bytes);
    return [
      {
        kind: 'database',
        service: service.name,
        title,
        summary: `${tables.length} tables; the largest is ${largest[0]?.name ?? ''} with about ${sayRows(largest[0]?.rows ?? 0)} rows.`,
        query,
        data: {
          tables: largest
            .slice(0, mostTables)
            .map((table) => describeTable(table, input.table !== undefined)),
        },
        empty: false,
        ...(input.table === undefined
          ? { output: largest.map((table) => JSON.stringify(describeTable(table, true))).join('\n') }
          : {}),
      },
    ];
  },
});

function describeTable(table: TableFacts, whole: boolean) {
  return {
    table: `${table.schema}.${table.name}`,
    rows: Math.round(table.rows),
    bytes: table.bytes,
    columns: whole
      ? table.columns.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`)
      : table.columns.map(({ name }) => name).slice(0, 40),
    indexes: table.indexes.map(
      ({ name, columns, unique, valid, scans }) =>
        `${name} (${columns.join(', ')})${unique ? ' unique' : ''}${valid ? '' : ' INVALID'}, ${scans} scans`,
    ),
  };
}
