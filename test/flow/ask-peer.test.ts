import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Assignment, Investigator, Notebook } from '../../src/agents/investigator.ts';
import { openSandboxDesk } from '../../src/agents/sandbox-desk.ts';
import { openTelemetryDesk } from '../../src/agents/signals/telemetry-desk.ts';
import { askPeerTool } from '../../src/agents/tools/ask-peer.ts';
import type { Observation } from '../../src/domain/evidence.ts';
import type { Claim } from '../../src/domain/finding.ts';
import { acceptAlerts } from '../../src/flow/index.ts';
import { aCatalogue, anAlert } from '../support/builders.ts';
import { type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const catalogue = aCatalogue({ orders: ['users', 'stock'], users: [], stock: [] });
const seen: Observation = {
  kind: 'trace',
  service: 'orders',
  title: 'requests',
  summary: 'failing',
  query: 'spans',
  data: {},
  empty: false,
};

describe('an agent that asks another in the middle of its look', () => {
  let fixture: FlowFixture;
  /** What the agent of `orders` does. */
  let ask: (to: string, question: string, evidence?: number[]) => Promise<Observation[]>;
  let inOrders: () => Promise<void>;

  const investigator: Investigator = {
    name: 'evidence',
    async investigate(assignment: Assignment, notebook: Notebook, signal) {
      const { name } = assignment.service;
      const row = await notebook.keep('trace', { ...seen, service: name });
      const claims: Claim[] = [
        { kind: 'healthy', text: `${name} is well.`, evidence: [row.number], confidence: 0.8 },
      ];
      if (name === 'orders') {
        const { sources } = fixture.flow;
        const context = {
          assignment,
          desk: openTelemetryDesk(assignment, sources, signal),
          sandboxes: openSandboxDesk(assignment.incident.id, sources, async () => undefined),
          kept: notebook,
        };
        ask = (service, question, evidence = [row.number]) =>
          askPeerTool.run(context, { service, question, evidence }, signal);
        await inOrders();
      } else await notebook.report(claims);
      return { claims, ruledOut: [], nextChecks: [] };
    },
  };

  beforeEach(async () => {
    fixture = await openFlow({ catalogue, investigator });
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'orders', startsAt: new Date(Date.now() - 5_000) }),
    ]);
  });
  afterEach(() => fixture.close());

  const questions = async () => {
    const [incident] = await fixture.flow.record.incidents.recent(1);
    return fixture.flow.record.peerQuestions.ofIncident(incident?.id ?? '');
  };
  const untilStated = async (service: string) => {
    const [incident] = await fixture.flow.record.incidents.recent(1);
    for (;;) {
      const findings = await fixture.flow.record.findings.ofIncident(incident?.id ?? '');
      if (findings.some((one) => one.service === service)) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('hears at once what the other has stated, as evidence that proves nothing by itself', async () => {
    let answered: Observation[] = [];
    inOrders = async () => {
      await untilStated('users');
      answered = await ask('users', 'Do my 401s begin with you?');
    };

    await fixture.queue.drain(fixture.flow);

    const [question] = await questions();
    expect(question).toMatchObject({
      round: 0,
      from: 'orders',
      to: 'users',
      answer: { verdict: 'not-mine' },
    });
    expect(answered).toMatchObject([
      {
        kind: 'topology',
        service: 'users',
        summary: `No, not here: users is well. (evidence ${question?.answer?.evidence.join(', ')})`,
      },
    ]);
  });

  it('gets a glance at the telemetry of one that has stated nothing', async () => {
    const catalogued = aCatalogue({ orders: ['users'], users: ['vault'], vault: [] });
    Object.assign(fixture.flow, { catalogue: catalogued });
    let answered: Observation[] = [];
    inOrders = async () => {
      answered = await ask('vault', 'Do my 401s begin with you?');
    };

    await fixture.queue.drain(fixture.flow);

    expect(await questions()).toMatchObject([{ to: 'vault', answer: { verdict: 'unclear' } }]);
    expect(answered[0]?.summary).toContain('Cannot say: vault: nothing abnormal here');
  });

  it('asks a few questions at most, each once, of others, and on evidence', async () => {
    const refused: string[] = [];
    const attempt = async (...args: Parameters<typeof ask>) =>
      void (await ask(...args).catch((error: unknown) => refused.push(String(error))));
    inOrders = async () => {
      await attempt('orders', 'Do I know myself?');
      await attempt('users', 'Without evidence, is it you?', [999]);
      for (const text of ['Is it you, one?', 'Is it you, two?', 'Is it you, two?', 'Is it you, three?'])
        await attempt('users', text);
      await attempt('stock', 'Is it you, four?');
    };

    await fixture.queue.drain(fixture.flow);

    expect(await questions()).toHaveLength(3);
    expect(refused).toEqual([
      expect.stringContaining('your own service'),
      expect.stringContaining('None of that evidence exists'),
      expect.stringContaining('3 questions'),
    ]);
  });
});
