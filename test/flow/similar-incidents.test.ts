import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Assignment, Investigator, Notebook, Report } from '../../src/agents/investigator.ts';
import { lookAtPast } from '../../src/agents/look-at-past.ts';
import type { Look } from '../../src/agents/look-at-service.ts';
import type { ToolContext } from '../../src/agents/tools/tool.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { acceptAlerts, decidePlan, reconcile } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { blameOneCommit, type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const line = 'verify failed: jwt expired at <*>';
const strangeLine = 'disk quota of <*> reached';

describe('a second incident like the first', () => {
  let fixture: FlowFixture;
  let seen: string;

  beforeEach(async () => {
    seen = line;
    fixture = await openFlow({ investigator: rememberThenBlame(() => ({ fixture, seen })) });
  });
  afterEach(() => fixture.close());

  it('names it, and what worked, in the thread, on the card and as evidence that carries no plan', async () => {
    const first = await play('first');

    const second = await open('second');

    const { record } = fixture.flow;
    const [investigation] = await record.investigations.ofIncident(second);
    const told = investigation?.steps.find((step) => step.key === 'looks-like')?.text;
    expect(told).toMatch(
      /^Looks like incident \d{4}-\d\d-\d\d \(ledger, “Shorten it”\): reverting the commit helped\.$/,
    );
    const past = (await record.evidence.ofIncident(second)).find((row) => row.kind === 'past');
    expect(past?.data).toMatchObject({
      incidents: [{ incident: first, likeness: 'strong', remedies: [{ became: 'helped' }] }],
    });
    expect(JSON.stringify(past?.data)).toContain('same log line “verify failed: jwt expired at …”');
    expect(JSON.stringify(await record.outbox.ofIncident(second))).toContain(
      '"similar":"Looks like incident',
    );
    expect((await record.rootCauses.get(second))?.evidence).not.toContain(past?.number);
  });

  it('says nothing of an incident that only shares the service and the alert', async () => {
    await play('first');
    seen = strangeLine;

    const second = await open('second');

    const [investigation] = await fixture.flow.record.investigations.ofIncident(second);
    expect(investigation?.steps.map((step) => step.text)).toEqual(['The one past incident is not like it.']);
  });

  it('knows an incident that an older version closed, once its rows were read again', async () => {
    const first = await play('first');
    const { record } = fixture.flow;
    await forget(first);
    expect(await record.knowledge.unlearned(5)).toEqual([first]);

    await reconcile(fixture.flow, new Map(), new AbortController().signal);

    expect(await record.knowledge.unlearned(5)).toEqual([]);
    const { hits } = await record.knowledge.similar({ text: line, shape: null, exclude: null }, 1);
    expect(hits[0]?.lesson?.remedies[0]).toMatchObject({ kind: 'revert-commit', became: 'helped' });
  });

  /** From the alert to the end. */
  async function play(name: string): Promise<string> {
    const incidentId = await open(name);
    const [plan] = await fixture.flow.record.plans.ofIncident(incidentId);
    if (plan === undefined) throw new Error('no plan was offered');
    fixture.remedy.onApply = () => fixture.metrics.set(0.01);
    await decidePlan(fixture.flow, clickOn(plan));
    await fixture.queue.drain(fixture.flow);
    await acceptAlerts(fixture.flow, [{ ...alertOf(name), status: 'resolved', endsAt: new Date() }]);
    await fixture.queue.drain(fixture.flow);
    fixture.metrics.set(0.4);
    // What comes back soon is the same incident.
    await change(
      'update incidents set resolved_at = resolved_at - interval $$3 days$$ where id = $1',
      incidentId,
    );
    return incidentId;
  }

  async function open(name: string): Promise<string> {
    await acceptAlerts(fixture.flow, [alertOf(name)]);
    await fixture.queue.drain(fixture.flow);
    const [incident] = await fixture.flow.record.incidents.recent(1);
    return incident?.id ?? '';
  }

  async function forget(incidentId: string): Promise<void> {
    await change('update knowledge set shape = null, lesson = null where incident_id = $1', incidentId);
  }

  async function change(statement: string, incidentId: string): Promise<void> {
    const client = new Client({ connectionString: fixture.databaseUrl });
    await client.connect();
    await client.query(statement, [incidentId]);
    await client.end();
  }
});

const startedAt = Date.now() - 5_000;

function alertOf(name: string) {
  return anAlert({ service: 'ledger', fingerprint: name, startsAt: new Date(startedAt) });
}

function clickOn({ id: planId, digest, nonce }: Plan) {
  return { planId, digest, nonce, userId: 'U-APPROVER', decision: 'approve' as const };
}

/** Sees one kind of log line in `ledger`, remembers, and blames the commit that the fixture knows. */
function rememberThenBlame(now: () => { fixture: FlowFixture; seen: string }): Investigator {
  const blame = blameOneCommit();
  return {
    name: 'evidence',
    async investigate(assignment: Assignment, notebook: Notebook, signal: AbortSignal): Promise<Report> {
      const service = assignment.service.name;
      if (service === 'ledger') {
        const { fixture, seen } = now();
        const log = await notebook.keep('look', {
          kind: 'log',
          service,
          title: 'Log lines',
          summary: seen,
          query: 'q',
          data: { templates: [{ text: seen, count: 9, baseline: 0 }] },
          empty: false,
        });
        const look = {
          service,
          evidence: [log],
          judgement: { own: 0.8, kinds: new Map([['rejections', 1]]), reasons: [] },
        } as unknown as Look;
        const context = { assignment, desk: { sources: fixture.flow.sources } } as unknown as ToolContext;
        await lookAtPast(context, look, notebook);
      }
      return blame.investigate(assignment, notebook, signal);
    },
  };
}
