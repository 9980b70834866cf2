import { afterEach, beforeEach, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { acceptAlerts } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

let fixture: FlowFixture;
beforeEach(async () => {
  fixture = await openFlow();
});
afterEach(() => fixture.close());

it('puts changes around the start of an incident on its timeline, once each', async () => {
  const startsAt = new Date(Date.now() - 5_000);
  const at = new Date(startsAt.getTime() - 60_000);
  const change = { at, actor: 'ana', before: 'off', after: 'on', url: null };
  await fixture.flow.telemetry.appendChanges([
    { ...change, service: 'ledger', kind: 'flag', summary: 'new-checkout' },
    {
      ...change,
      service: null,
      actor: null,
      kind: 'infrastructure',
      summary: 'node pool',
      before: '4',
      after: '3',
    },
    {
      ...change,
      service: 'ledger',
      kind: 'flag',
      summary: 'long ago',
      at: new Date(at.getTime() - 86_400_000),
    },
  ]);

  await acceptAlerts(fixture.flow, [anAlert({ service: 'ledger', startsAt })]);
  await fixture.queue.drain(fixture.flow);

  const [incident] = await fixture.flow.record.incidents.recent(1);
  const timeline = await fixture.flow.record.timeline.ofIncident(incident?.id ?? '');
  const told = timeline.filter((entry) => entry.kind === 'change.told');
  expect(told.map((entry) => entry.text.replace(/^[\d:]+ UTC: /, ''))).toEqual(
    expect.arrayContaining([
      'flag of ledger: new-checkout off → on, by ana.',
      'infrastructure of every service: node pool 4 → 3.',
    ]),
  );
  expect(told).toHaveLength(2);
  expect(timeline.findIndex((entry) => entry.kind === 'triage.done')).toBe(told[1]?.seq ?? Number.NaN);
  expect(firstBrokenLink(timeline)).toBeNull();
});
