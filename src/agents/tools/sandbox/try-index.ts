import { z } from 'zod';
import type { TrialOutcome } from '../../../ports/index-trial.ts';
import { sayDuration, sayRows } from '../database-look.ts';
import { defineTool, nothing, serviceOf } from '../tool.ts';
import { toJson } from './use-sandbox.ts';

const name = z.string().regex(/^[A-Za-z_][\w$]{0,62}$/);

export const tryIndexTool = defineTool({
  name: 'try_index',
  description:
    'Tries an index for one of the slow statements that database_look shows, on a synthetic replica of the schema: its plan and time before and after. The real database is only read.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    statement: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(1)
      .describe('Which slow statement, in the order of database_look.'),
    schema: name.default('public'),
    table: name,
    columns: z
      .array(z.object({ name, order: z.enum(['asc', 'desc']).default('asc') }))
      .min(1)
      .max(6),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const columns = input.columns.map((column) => column.name).join(', ');
    const title = `Index on ${input.table} (${columns}), tried on a replica`;
    const none = (why: string, query = title) => [nothing('database', service.name, title, why, query)];
    const trial = context.desk.sources.indexTrial ?? null;
    if (trial === null) return none('No index can be tried here.');
    // Only what the database itself logged as slow: a made-up statement would prove nothing.
    const slow = (await context.desk.databases(service.name))?.statements[input.statement - 1];
    if (slow === undefined) return none('There is no such slow statement.');
    const { statement } = slow.change.example;
    const order = { ...input, name: 'warroom_trial' };
    const answer = await trial.try(slow.target, order, statement, signal);
    if (!answer.tried)
      return none(`It was not tried: ${answer.reason}`, `EXPLAIN ${statement.slice(0, 2_000)}`);
    return [
      {
        kind: 'database',
        service: service.name,
        title,
        summary: sayTrial(answer.outcome),
        query: `EXPLAIN ANALYZE ${statement.slice(0, 4_000)}`,
        data: toJson({ ...answer.outcome, target: slow.target.name }),
        empty: !answer.outcome.used,
      },
    ];
  },
});

function sayTrial({ before, after, used, rows, buildMs }: TrialOutcome): string {
  const where = `on a replica with ${sayRows(rows.replica)} made-up rows (the target has about ${sayRows(rows.target)})`;
  return used
    ? `The plan uses it: ${sayDuration(before.ms)} before, ${sayDuration(after.ms)} after, ${where}; built in ${sayDuration(buildMs)}.`
    : `The plan does not use it ${where}.`;
}
