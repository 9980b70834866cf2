import { z } from 'zod';
import { SourceRefused } from '../../platform/errors.ts';
import type { PlanNode } from '../../ports/database.ts';

interface RawNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Index Name'?: string | undefined;
  readonly Filter?: string | undefined;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly RawNode[] | undefined;
}

const nodeSchema: z.ZodType<RawNode> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Index Name': z.string().optional(),
    Filter: z.string().optional(),
    'Total Cost': z.number(),
    'Plan Rows': z.number(),
    Plans: z.array(nodeSchema).optional(),
  }),
);

const explainedSchema = z
  .array(z.object({ Plan: nodeSchema, 'Execution Time': z.number().optional() }))
  .min(1);

/** @param json what `EXPLAIN (FORMAT JSON)` answers, with or without `ANALYZE` */
export function readPlan(json: unknown): { plan: PlanNode; executionMs: number | null } {
  const [explained] = explainedSchema.safeParse(json).data ?? [];
  if (explained === undefined) {
    throw new SourceRefused(
      'PostgreSQL explained a plan in a form that this version does not understand.',
      'PostgreSQL 13 and later are known to work.',
    );
  }
  return { plan: nodeOf(explained.Plan), executionMs: explained['Execution Time'] ?? null };
}

function nodeOf(raw: RawNode): PlanNode {
  return {
    type: raw['Node Type'],
    table: raw['Relation Name'] ?? null,
    index: raw['Index Name'] ?? null,
    filter: raw.Filter ?? null,
    cost: raw['Total Cost'],
    rows: raw['Plan Rows'],
    children: (raw.Plans ?? []).map(nodeOf),
  };
}
