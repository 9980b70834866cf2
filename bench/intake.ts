import { acceptAlerts } from '../src/flow/index.ts';
import { anAlert } from '../test/support/builders.ts';
import { openFlow } from '../test/support/flow-fixture.ts';
import { type Benchmark, clock, type Figure, quantile } from './benchmark.ts';

const turns = 200;

/** What a webhook waits for before its 2xx, against the least a durable answer can cost: one row, one commit. */
export const intake: Benchmark = {
  name: 'intake',
  about: 'alert to committed rows on PostgreSQL, against one plain committed row in the same database',
  async run(): Promise<Figure[]> {
    const fixture = await openFlow();
    try {
      const startsAt = new Date();
      const alert = (turn: number) => anAlert({ service: 'ledger', fingerprint: `f${turn}`, startsAt });
      await acceptAlerts(fixture.flow, [alert(-1)]);

      const fresh = await clock(turns, (turn) => acceptAlerts(fixture.flow, [alert(turn)]));
      const repeated = await clock(turns, (turn) => acceptAlerts(fixture.flow, [alert(turn)]));
      const row = await clock(turns, (turn) =>
        fixture.flow.record.deliveries.quarantine('bench', `body ${turn}`, 'one committed row'),
      );
      const floor = quantile(row, 0.5);
      const against = 'one committed row, p50';
      const beside = (metric: string, value: number, limitMs: number): Figure => ({
        metric,
        value: round(value),
        unit: 'ms',
        against,
        againstValue: round(floor),
        ratio: round(value / floor),
        target: `at most ${limitMs} ms, since Alertmanager waits`,
        ok: value <= limitMs,
      });
      return [
        beside('fresh-p50', quantile(fresh, 0.5), 1_000),
        beside('fresh-p99', quantile(fresh, 0.99), 1_000),
        beside('repeat-p50', quantile(repeated, 0.5), 1_000),
        beside('repeat-p99', quantile(repeated, 0.99), 1_000),
      ];
    } finally {
      await fixture.close();
    }
  },
};

function round(value: number): number {
  return Number(value.toPrecision(3));
}
