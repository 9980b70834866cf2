import { z } from 'zod';
import { sayPlan } from '../database-look.ts';
import { clip, defineTool, nothing, serviceOf } from '../tool.ts';
import { databasePlace, targetOf } from './target-of.ts';

export const explainStatementTool = defineTool({
  name: 'explain_statement',
  description:
    'The plan of one SELECT on a service’s own PostgreSQL, as its planner would carry it out; nothing is run (no ANALYZE). Parameters ($1) may stay.',
  input: z.object({
    ...databasePlace,
    statement: z.string().min(1).max(10_000),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const target = targetOf(service, input.database);
    const { databases } = context.desk.sources;
    const title = `Plan in database ${target.name}`;
    const query = `EXPLAIN ${input.statement}`;
    if (databases === null)
      return [nothing('database', service.name, title, 'Databases are not connected here.', query)];
    const plan = await databases.explain(target, input.statement, signal);
    const lines = sayPlan(plan);
    return [
      {
        kind: 'database',
        service: service.name,
        title,
        summary: `${plan.type} with an estimated cost of ${Math.round(plan.cost).toLocaleString('en-US')} for about ${Math.round(plan.rows).toLocaleString('en-US')} rows; not run.`,
        query,
        data: { plan: clip(lines.join('\n'), 8_000), statement: clip(input.statement, 4_000) },
        empty: false,
      },
    ];
  },
});
