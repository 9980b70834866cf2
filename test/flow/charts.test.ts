import { afterEach, describe, expect, it } from 'vitest';
import type { Investigator } from '../../src/agents/investigator.ts';
import { acceptAlerts, advance } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { blameOneCommit, type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const onset = Math.round(Date.now() / 1000) - 60;
const times = Array.from({ length: 24 }, (_, index) => onset - 180 + index * 10);

/** As the fixture's, with a curve that moved in the rows of `ledger`. */
function measuring(): Investigator {
  const inner = blameOneCommit();
  return {
    ...inner,
    investigate: (assignment, notebook, signal) =>
      inner.investigate(
        assignment,
        {
          ...notebook,
          keep: (key, seen) =>
            notebook.keep(
              key,
              seen.kind !== 'metric' || seen.service !== 'ledger'
                ? seen
                : { ...seen, data: { onset, series: [curve] } },
            ),
        },
        signal,
      ),
  };
}

const curve = {
  name: 'errors share',
  kind: 'errors',
  metric: 'http_requests_total',
  score: 0.9,
  times,
  values: times.map((time) => (time < onset ? 0 : 0.4)),
};

describe('charts in the room', () => {
  let fixture: FlowFixture;
  afterEach(() => fixture.close());

  it('come with the root cause, in its thread, once', async () => {
    fixture = await openFlow({ investigator: measuring() });
    const { flow, queue } = fixture;
    await acceptAlerts(flow, [anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) })]);
    await queue.drain(flow);
    const [incident] = await flow.record.incidents.open();
    const charts = async () =>
      (await flow.record.outbox.ofIncident(incident?.id ?? '')).filter(({ item }) => item.type === 'chart');

    const first = await charts();
    // A worker that died after its commit leaves the same job behind.
    await advance(flow, 'root-cause', incident?.id ?? '', AbortSignal.timeout(10_000));
    await queue.drain(flow);

    expect(first.map(({ key }) => key)).toEqual(['chart:root-cause:metric']);
    expect(first[0]?.item).toMatchObject({
      thread: 'root-cause',
      chart: { kind: 'metric', subtitle: 'Failing requests: 0 % before, 40 % now', onset },
    });
    expect((await charts()).map(({ key, version }) => [key, version])).toEqual(
      first.map(({ key, version }) => [key, version]),
    );
  });

  it('are none where the rows show no curve', async () => {
    fixture = await openFlow();
    const { flow, queue } = fixture;
    await acceptAlerts(flow, [anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) })]);
    await queue.drain(flow);
    const [incident] = await flow.record.incidents.open();

    const room = await flow.record.outbox.ofIncident(incident?.id ?? '');

    expect(room.some(({ key }) => key === 'root-cause')).toBe(true);
    expect(room.filter(({ item }) => item.type === 'chart')).toEqual([]);
  });
});
