import { z } from 'zod';
import { type RankedChange, rankToldChanges } from '../../analysis/culprits/weigh-told-change.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { ChangeKind } from '../../ports/change-source.ts';
import { mostOfKind, sayToldChange } from '../signals/told-changes.ts';
import { defineTool, serviceOf } from './tool.ts';

const mostRows = 20;

export const toldChangesTool = defineTool({
  name: 'told_changes',
  description:
    'Changes beside the code that pipelines, flag services and people told of in the last day: deploys, settings, feature flags, dependencies, infrastructure. Nobody has checked what they did.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input) {
    const service = serviceOf(context, input.service).name;
    const [told, window] = [await context.desk.changes(service), await context.desk.window()];
    const [onset, alertedAt] = [window.onset.getTime() / 1000, window.alertedAt.getTime() / 1000];
    const ranked = rankToldChanges(told?.changes ?? [], { onset, alertedAt, texts: [] });
    return [observeToldChanges(service, ranked, told?.cut ?? [])];
  },
});

/** @param cut kinds of which more was told than was read */
export function observeToldChanges(
  service: string,
  ranked: readonly RankedChange[],
  cut: readonly ChangeKind[],
): Observation {
  const [first, ...others] = ranked;
  const more = others.length === 0 ? '' : ` Beside it, ${others.length} more in the day before.`;
  const left = sayLeftOut(ranked.length, cut);
  return {
    kind: 'change',
    service,
    title: 'Changes beside the code',
    summary:
      first === undefined
        ? 'None was told of in the day before it began.'
        : `${sayToldChange(first)}.${more}${left}`,
    query: `changes told of ${service}`,
    data: {
      changes: ranked.slice(0, mostRows).map(({ change, score, reasons }) => ({
        ...change,
        at: change.at.toISOString(),
        score: Number(score.toFixed(3)),
        reasons: [...reasons],
      })),
      ...(left === '' ? {} : { leftOut: left.trim() }),
    },
    empty: first === undefined,
  };
}

function sayLeftOut(ranked: number, cut: readonly ChangeKind[]): string {
  const shown = ranked > mostRows ? ` Only the ${mostRows} that fit best are listed here.` : '';
  return cut.length === 0
    ? shown
    : ` More was told of ${cut.join(', ')} than is read: of each the ${mostOfKind} nearest to the onset, the service's own first.${shown}`;
}
