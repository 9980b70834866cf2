import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Assignment, Investigator, Report } from '../../src/agents/investigator.ts';
import type { Observation } from '../../src/domain/evidence.ts';
import type { Claim } from '../../src/domain/finding.ts';
import { acceptAlerts, advance, reconcile } from '../../src/flow/index.ts';
import { aCatalogue, anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const catalogue = aCatalogue({ orders: ['users', 'stock'], users: ['vault'], vault: [], stock: [] });
const refused = {
  origins: [
    { service: 'users', operation: 'POST /verify', kind: 'rejected', status: 401, path: ['orders', 'users'] },
  ],
};

type Say = Omit<Claim, 'evidence'>;
const well = (service: string): Say => ({ kind: 'healthy', text: `${service} is well.`, confidence: 0.8 });
const blames = (service: string): Say => ({
  kind: 'blame',
  text: `It comes from ${service}.`,
  blames: { service },
  confidence: 0.7,
});
const begins = (service: string): Say => ({
  kind: 'cause',
  text: `The token lifetime of ${service} changed.`,
  blames: { service },
  confidence: 0.8,
});

describe('agents that blame each other’s services', () => {
  let fixture: FlowFixture;
  let runs: Assignment[];
  /** What each service's agent says; asked or not. */
  let says: (assignment: Assignment) => Say | 'fails';

  const investigator: Investigator = {
    name: 'evidence',
    async investigate(assignment, notebook): Promise<Report> {
      runs.push(assignment);
      const claim = says(assignment);
      if (claim === 'fails') throw new Error('its sources are away');
      const name = assignment.service.name;
      const seen: Observation = {
        kind: 'trace',
        service: name,
        title: 'requests',
        summary: `${name} seen`,
        query: 'spans',
        data: { judged: 'trouble', ...(name === 'orders' ? refused : {}) },
        empty: false,
      };
      const kept = [
        await notebook.keep('trace', seen),
        await notebook.keep('metric', { ...seen, kind: 'metric', summary: `${name} measured` }),
      ];
      return {
        claims: [{ ...claim, evidence: kept.map((row) => row.number) }],
        ruledOut: [],
        nextChecks: [],
      };
    },
  };

  beforeEach(async () => {
    runs = [];
    fixture = await openFlow({ catalogue, investigator });
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'orders', startsAt: new Date(Date.now() - 5_000) }),
    ]);
  });
  afterEach(() => fixture.close());

  const incidentId = async () => (await fixture.flow.record.incidents.open())[0]?.id ?? '';
  const questions = async () => fixture.flow.record.peerQuestions.ofIncident(await incidentId());
  const runsOf = (service: string) => runs.filter((one) => one.service.name === service);
  const kinds = async () =>
    (await fixture.flow.record.timeline.ofIncident(await incidentId())).map((entry) => entry.kind);

  it('ask exactly what they hold against the other, which looks again as a suspect and answers', async () => {
    says = ({ service, asked = [] }) => {
      if (service.name === 'orders') return blames('users');
      return service.name === 'users' && asked.length > 0 ? begins('users') : well(service.name);
    };

    await fixture.queue.drain(fixture.flow);

    const [question, ...more] = await questions();
    expect(more).toEqual([]);
    expect(question).toMatchObject({ round: 1, from: 'orders', to: 'users', answer: { verdict: 'mine' } });
    const cited = question?.evidence.join(', ');
    expect(question?.text).toBe(
      `orders says its failures are 401s from you (evidence ${cited}). Does it begin with you?`,
    );
    expect(runsOf('users').map(({ role }) => role)).toEqual(['neighbour', 'suspect']);
    expect(runsOf('users')[1]?.asked).toMatchObject([{ id: question?.id }]);
    expect(runsOf('orders')).toHaveLength(1);
    expect(await kinds()).toEqual(expect.arrayContaining(['peer.asked', 'peer.answered']));
    expect((await kinds()).indexOf('peer.answered')).toBeLessThan(
      (await kinds()).indexOf('root-cause.settled'),
    );
    const rootCause = await fixture.flow.record.rootCauses.get(await incidentId());
    expect(rootCause).toMatchObject({ service: 'users', path: ['users', 'orders'], open: [] });
  });

  it('show question and answer in the asker’s thread and on both cards', async () => {
    says = ({ service, asked = [] }) => {
      if (service.name === 'orders') return blames('users');
      return service.name === 'users' && asked.length > 0 ? begins('users') : well(service.name);
    };
    await fixture.queue.drain(fixture.flow);

    const shown = await fixture.flow.record.outbox.ofIncident(await incidentId());

    const [question] = await questions();
    const answer = { verdict: 'mine', text: 'The token lifetime of users changed.' };
    expect(shown.find((entry) => entry.key === `peer:${question?.id}`)?.item).toMatchObject({
      thread: 'agent:orders',
      view: { view: 'peer-question', from: 'orders', to: 'users', answer },
    });
    const lines = (service: string) => {
      const item = shown.find((entry) => entry.key === `agent:${service}`)?.item;
      return item?.type === 'message' && item.view.view === 'agent' ? item.view.peers : undefined;
    };
    expect(lines('orders')).toMatchObject([{ asked: 'it', peer: 'users', answer }]);
    expect(lines('users')).toMatchObject([{ asked: 'peer', peer: 'orders', answer }]);
    expect(lines('stock')).toEqual([]);
  });

  it('let no agent run again whose own findings answer the question', async () => {
    says = ({ service }) => {
      if (service.name === 'orders') return blames('users');
      return service.name === 'users' ? begins('users') : well(service.name);
    };

    await fixture.queue.drain(fixture.flow);

    expect(await questions()).toMatchObject([{ to: 'users', answer: { verdict: 'mine' } }]);
    expect(runsOf('users')).toHaveLength(1);
  });

  it('pass on to whom it comes from, also to one that nobody had looked at', async () => {
    says = ({ service, asked = [] }) => {
      if (service.name === 'orders') return blames('users');
      if (service.name === 'users' && asked.length > 0) return blames('vault');
      return service.name === 'vault' ? begins('vault') : well(service.name);
    };

    await fixture.queue.drain(fixture.flow);

    expect(await questions()).toMatchObject([
      { round: 1, from: 'orders', to: 'users', answer: { verdict: 'passed-on' } },
      { round: 2, from: 'users', to: 'vault', answer: { verdict: 'mine' } },
    ]);
    const rootCause = await fixture.flow.record.rootCauses.get(await incidentId());
    expect(rootCause).toMatchObject({ service: 'vault', path: ['vault', 'users', 'orders'] });
  });

  it('leave a question open that the other could not answer, and say so', async () => {
    says = ({ service, asked = [] }) => {
      if (service.name === 'orders') return blames('users');
      return service.name === 'users' && asked.length > 0 ? 'fails' : well(service.name);
    };

    await fixture.queue.drain(fixture.flow);

    expect(await questions()).toMatchObject([{ to: 'users', answer: null }]);
    expect(runsOf('users')).toHaveLength(2);
    const rootCause = await fixture.flow.record.rootCauses.get(await incidentId());
    expect(rootCause?.outcome).toBe('inconclusive');
    expect(rootCause?.open?.join()).toContain('users has not answered');
  });

  it('lose no question when Redis goes with the round, and ask none twice', async () => {
    says = ({ service, asked = [] }) => {
      if (service.name === 'orders') return blames('users');
      return service.name === 'users' && asked.length > 0 ? begins('users') : well(service.name);
    };
    const { flow, queue } = fixture;
    const put = queue.investigate.bind(queue);
    queue.investigate = () => Promise.reject(new Error('Redis is gone'));
    await queue.drain(flow);
    expect(await questions()).toMatchObject([{ answer: null }]);
    expect((await flow.record.incidents.get(await incidentId()))?.stage).toBe('investigation');

    queue.investigate = put;
    await reconcile(flow, new Map(), AbortSignal.timeout(10_000));
    const settle = async () => advance(flow, 'root-cause', await incidentId(), AbortSignal.timeout(10_000));
    await Promise.all([settle(), settle(), queue.drain(flow)]);
    await queue.drain(flow);

    expect(await questions()).toMatchObject([{ answer: { verdict: 'mine' } }]);
    expect(runsOf('users')).toHaveLength(2);
    expect((await kinds()).filter((kind) => kind === 'peer.asked')).toHaveLength(1);
  });
});

describe('one agent for the whole incident', () => {
  it('looks alone: no neighbour is checked, and nobody is asked', async () => {
    const seen: string[] = [];
    const alone: Investigator = {
      name: 'evidence',
      async investigate({ service }, notebook) {
        seen.push(service.name);
        const row = await notebook.keep('trace', {
          kind: 'trace',
          service: service.name,
          title: 'requests',
          summary: 'seen',
          query: 'spans',
          data: {},
          empty: false,
        });
        return {
          claims: [{ ...blames('users'), evidence: [row.number] }],
          ruledOut: [],
          nextChecks: [],
        };
      },
    };
    const single = await openFlow({
      catalogue,
      investigator: alone,
      policy: { investigation: { agents: 'single' } },
    });
    const { flow, queue } = single;
    try {
      await acceptAlerts(flow, [anAlert({ service: 'orders', startsAt: new Date(Date.now() - 5_000) })]);
      await queue.drain(flow);
      await acceptAlerts(flow, [anAlert({ service: 'stock', startsAt: new Date(Date.now() - 5_000) })]);
      await queue.drain(flow);

      const [incident] = await flow.record.incidents.recent(1);
      expect(incident?.services).toEqual(['orders', 'stock']);
      expect(seen).toEqual(['orders', 'orders']);
      expect(await flow.record.peerQuestions.ofIncident(incident?.id ?? '')).toEqual([]);
      expect(await flow.record.rootCauses.get(incident?.id ?? '')).toMatchObject({ outcome: 'inconclusive' });
    } finally {
      await single.close();
    }
  });
});
