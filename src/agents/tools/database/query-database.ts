import { z } from 'zod';
import { defineTool, nothing, serviceOf } from '../tool.ts';
import { databasePlace, targetOf } from './target-of.ts';

export const queryDatabaseTool = defineTool({
  name: 'query_database',
  description:
    'Rows of one SELECT on a service’s own PostgreSQL, where its catalogue entry allows it: at most 100 rows, plain functions and aggregates only, tables and no views, five seconds. Values that may be of a person become marks, the same mark for the same value: count and group rather than look at rows.',
  input: z.object({
    ...databasePlace,
    statement: z.string().min(1).max(10_000),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const target = targetOf(service, input.database);
    const { queries } = context.desk.sources;
    const title = `Rows of database ${target.name}`;
    if (queries === undefined)
      return [nothing('database', service.name, title, 'Databases are not connected here.', input.statement)];
    const { columns, rows, cut, maskedCells } = await queries.query(target, input.statement, signal);
    if (rows.length === 0)
      return [
        nothing(
          'database',
          service.name,
          title,
          cut ? 'Its rows are too wide to be shown: name fewer columns.' : 'No row matches.',
          input.statement,
        ),
      ];
    const masked = maskedCells === 0 ? '' : ` ${maskedCells} values that may be of a person are marks.`;
    return [
      {
        kind: 'database',
        service: service.name,
        title,
        summary: `${rows.length} rows${cut ? ', and there are more' : ''}.${masked}`,
        query: input.statement,
        data: { columns: [...columns], rows: rows.map((row) => [...row]) },
        empty: false,
      },
    ];
  },
});
