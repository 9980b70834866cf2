import { z } from 'zod';
import type { Observation } from '../../domain/evidence.ts';
import type { PlanNode } from '../../ports/database.ts';
import type { SlowStatement } from '../signals/database-signals.ts';
import type { IncidentWindow } from '../signals/incident-window.ts';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const mostLines = 5;
const statementChars = 4_000;

/** What a service's databases began to be slow at, and why. */
export const databaseLookTool = defineTool({
  name: 'database_look',
  description:
    'Statements that the service’s own PostgreSQL logs as slow since the onset, against the baseline, with the plan of the worst and the indexes of the tables it reads.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    const [window, read] = [await context.desk.window(), await context.desk.databases(service)];
    const statements = read?.statements ?? [];
    if (statements.length === 0)
      return [
        nothing(
          'database',
          service,
          'Slow statements',
          'None came up since the onset.',
          `slow-query log of ${service}`,
        ),
      ];
    return statements.flatMap((slow) => [
      observeSlowStatement(service, slow, window),
      ...(slow.plan === null ? [] : [observePlan(service, slow)]),
    ]);
  },
});

export function observeSlowStatement(
  service: string,
  { target, change }: SlowStatement,
  window: IncidentWindow,
): Observation {
  const { before, after } = change;
  const was =
    before.count === 0
      ? 'none in the baseline'
      : `×${before.count} in the baseline, median ${sayDuration(before.medianMs)}`;
  return {
    kind: 'log',
    service,
    title: `Slow statements of database ${target.name}`,
    summary: `One statement ×${after.count} since the onset, median ${sayDuration(after.medianMs)}, longest ${sayDuration(after.longestMs)}; ${was}.`,
    query: `slow-query log lines of ${JSON.stringify(target.logs)} from ${window.onset.toISOString()} against those from ${window.baselineFrom.toISOString()}`,
    data: {
      judged: 'trouble',
      lines: [
        {
          at: change.example.at.toISOString(),
          level: 'info',
          text: clip(
            `duration: ${change.example.durationMs} ms  ${change.example.statement}`,
            statementChars,
          ),
        },
      ].slice(0, mostLines),
      templates: [
        { text: clip(change.normalised, statementChars), count: after.count, baseline: before.count },
      ],
    },
    empty: false,
  };
}

/** The plan over the schema, as the planner of that very database sees it. */
export function observePlan(service: string, slow: SlowStatement): Observation {
  const { target, change, plan, suggestions } = slow;
  const said = suggestions.map(({ table, columns, scan, unused, wantedRows }) => {
    const names = columns.map((column) => column.name).join(', ');
    const index = unused === null ? `no index for ${names}` : `index ${unused.name} is not used`;
    return `${scan} over ${table.name} (about ${sayRows(table.rows)} rows) for about ${sayRows(wantedRows)}: ${index}`;
  });
  return {
    kind: 'database',
    service,
    title: `Plan of the slow statement in ${target.name}`,
    summary:
      said.length === 0 ? 'Its plan reads no table for far fewer rows than it has.' : `${said.join('; ')}.`,
    query: `EXPLAIN ${clip(change.example.statement, statementChars)}`,
    data: {
      judged: suggestions.length > 0 ? 'trouble' : 'calm',
      plan: plan === null ? '' : sayPlan(plan).join('\n'),
      statement: clip(change.example.statement, statementChars),
      tables: suggestions.map(({ table }) => ({
        table: `${table.schema}.${table.name}`,
        rows: table.rows,
        bytes: table.bytes,
      })),
      indexes: suggestions.flatMap(({ table }) =>
        table.indexes.map(({ name, columns, valid, scans }) => ({
          table: table.name,
          name,
          columns: [...columns],
          valid,
          scans,
        })),
      ),
    },
    empty: false,
  };
}

/** As `EXPLAIN` prints it: two more blanks a level. */
export function sayPlan(node: PlanNode, depth = 0): string[] {
  const on = node.table === null ? '' : ` on ${node.table}`;
  const by = node.index === null ? '' : ` using ${node.index}`;
  const indent = '  '.repeat(depth);
  return [
    `${indent}${depth === 0 ? '' : '-> '}${node.type}${by}${on}  (cost ${Math.round(node.cost)}, rows ${Math.round(node.rows)})`,
    ...(node.filter === null ? [] : [`${indent}   Filter: ${clip(node.filter, 500)}`]),
    ...node.children.flatMap((child) => sayPlan(child, depth + 1)),
  ];
}

/** Planner's estimates are no exact numbers: three digits of them. */
export function sayRows(rows: number): string {
  return Number(Math.max(0, rows).toPrecision(3)).toLocaleString('en-US');
}

export function sayDuration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}
