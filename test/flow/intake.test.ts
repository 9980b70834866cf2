import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { acceptAlerts } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const firing = anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) });
const resolved = { ...firing, status: 'resolved' as const, endsAt: new Date() };

describe('intake', () => {
  let fixture: FlowFixture;
  beforeEach(async () => {
    fixture = await openFlow();
  });
  afterEach(() => fixture.close());

  it('makes one incident and one room of many copies of one alert', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => acceptAlerts(fixture.flow, [firing])));

    const incidents = await fixture.flow.record.incidents.recent(10);
    expect(answers.reduce((sum, answer) => sum + answer.fresh, 0)).toBe(1);
    expect(incidents).toHaveLength(1);
    const room = await fixture.flow.record.outbox.ofIncident(incidents[0]?.id ?? '');
    expect(room.filter((entry) => entry.item.type === 'channel')).toHaveLength(1);
  });

  it('joins an alert of a neighbour to the open incident, and opens another for a stranger', async () => {
    await acceptAlerts(fixture.flow, [firing]);
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'shopfront', fingerprint: 'f2', startsAt: firing.startsAt }),
    ]);
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'mailer', fingerprint: 'f3', startsAt: firing.startsAt }),
    ]);

    const incidents = await fixture.flow.record.incidents.recent(10);
    expect(incidents.map((incident) => incident.services).sort((a, b) => b.length - a.length)).toEqual([
      ['ledger', 'shopfront'],
      ['mailer'],
    ]);
  });

  it('invites the people of a service that joins, and bookmarks its code', async () => {
    await acceptAlerts(fixture.flow, [firing]);
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'shopfront', fingerprint: 'f2', startsAt: firing.startsAt }),
    ]);

    const [incident] = await fixture.flow.record.incidents.recent(1);
    const keys = (await fixture.flow.record.outbox.ofIncident(incident?.id ?? '')).map((entry) => entry.key);
    expect(keys).toEqual(expect.arrayContaining(['invite:ledger', 'invite:shopfront', 'bookmark:record']));
  });

  it('resolves when the last alert does, and takes no notice when the old resolve comes again', async () => {
    await acceptAlerts(fixture.flow, [firing]);
    await acceptAlerts(fixture.flow, [resolved]);
    await acceptAlerts(fixture.flow, [resolved]);
    await acceptAlerts(fixture.flow, [firing]);

    const [incident] = await fixture.flow.record.incidents.recent(10);
    const timeline = await fixture.flow.record.timeline.ofIncident(incident?.id ?? '');
    expect(incident?.status).toBe('resolved');
    expect(timeline.filter((entry) => entry.kind === 'incident.resolved')).toHaveLength(1);
    expect(timeline.filter((entry) => entry.kind === 'incident.reopened')).toHaveLength(0);
    expect(firstBrokenLink(timeline)).toBeNull();
  });

  it('reopens the same incident when the failure comes back soon', async () => {
    await acceptAlerts(fixture.flow, [firing]);
    await acceptAlerts(fixture.flow, [resolved]);
    await acceptAlerts(fixture.flow, [{ ...firing, startsAt: new Date() }]);

    const incidents = await fixture.flow.record.incidents.recent(10);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({ status: 'investigating', stage: 'triage' });
  });

  it('accepts the alert when the queue is away, and the work is put again from rows', async () => {
    fixture.queue.down = true;
    await acceptAlerts(fixture.flow, [firing]);
    expect(fixture.queue.waiting.size).toBe(0);

    fixture.queue.down = false;
    const { requeueWork } = await import('../../src/flow/index.ts');
    await requeueWork(fixture.flow);

    expect([...fixture.queue.waiting.keys()]).toEqual([expect.stringMatching(/^triage-/)]);
  });
});
