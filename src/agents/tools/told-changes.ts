import { z } from 'zod';
import { type RankedChange, rankToldChanges } from '../../analysis/culprits/weigh-told-change.ts';
import type { Observation } from '../../domain/evidence.ts';
import { sayToldChange } from '../signals/told-changes.ts';
import { defineTool, serviceOf } from './tool.ts';

const mostRows = 20;

export const toldChangesTool = defineTool({
  name: 'told_changes',
  description:
    'Changes beside the code that pipelines, flag services and people told of in the last day: deploys, settings, feature flags, dependencies, infrastructure. Nobody has checked what they did.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    const [changes, window] = [await context.desk.changes(service), await context.desk.window()];
    const [onset, alertedAt] = [window.onset.getTime() / 1000, window.alertedAt.getTime() / 1000];
    return [observeToldChanges(service, rankToldChanges(changes ?? [], { onset, alertedAt, texts: [] }))];
  },
});

export function observeToldChanges(service: string, ranked: readonly RankedChange[]): Observation {
  const [first, ...others] = ranked;
  const more = others.length === 0 ? '' : ` Beside it, ${others.length} more in the day before.`;
  return {
    kind: 'change',
    service,
    title: 'Changes beside the code',
    summary:
      first === undefined
        ? 'None was told of in the day before it began.'
        : `${sayToldChange(first)}.${more}`,
    query: `changes told of ${service}`,
    data: {
      changes: ranked.slice(0, mostRows).map(({ change, score, reasons }) => ({
        ...change,
        at: change.at.toISOString(),
        score: Number(score.toFixed(3)),
        reasons: [...reasons],
      })),
    },
    empty: first === undefined,
  };
}
