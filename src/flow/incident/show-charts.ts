import { chooseCharts, type PlacedChart } from '../../analysis/charts/choose-charts.ts';
import type { RoomItem } from '../../domain/room.ts';
import type { RootCause } from '../../domain/root-cause.ts';
import type { Rows } from '../../ports/record.ts';
import { agentKey } from './show.ts';

/**
 * Puts what is worth a picture into the threads that speak of it, inside the transaction that settled the cause. The same
 * rows put the same charts; a later cause changes them in place and takes away those that nothing speaks for any more.
 */
export async function showCharts(rows: Rows, rootCause: RootCause): Promise<void> {
  const { incidentId } = rootCause;
  const incident = await rows.incidents.get(incidentId);
  const placed = chooseCharts({
    rootCause,
    evidence: await rows.evidence.ofIncident(incidentId),
    alerts: await rows.alerts.ofIncident(incidentId),
    alerted: incident?.services ?? [],
  });
  const items = new Map<string, ChartItem>(
    placed.map(({ thread, chart }) => {
      const to = thread === 'root-cause' ? 'root-cause' : agentKey(thread.agent);
      return [keyOf({ thread, chart }), { type: 'chart', chart, thread: to }];
    }),
  );
  for (const { key, item } of await rows.outbox.ofIncident(incidentId))
    if (item.type === 'chart' && item.chart !== null && !items.has(key))
      items.set(key, { ...item, chart: null });
  for (const [key, item] of items) await rows.outbox.put(incidentId, key, item);
}

type ChartItem = Extract<RoomItem, { type: 'chart' }>;

function keyOf({ thread, chart }: PlacedChart): string {
  return thread === 'root-cause' ? `chart:root-cause:${chart.kind}` : `chart:agent:${thread.agent}`;
}
