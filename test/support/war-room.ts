import type { Investigator } from '../../src/agents/investigator.ts';
import type { Answer, Click, PlanButton } from '../../src/domain/approval.ts';
import type { Execution } from '../../src/domain/execution.ts';
import type { Incident, Stage } from '../../src/domain/incident.ts';
import type { Plan, PlanState, ProposedRemedy } from '../../src/domain/plan.ts';
import type { PlanView } from '../../src/domain/room.ts';
import type { TimelineEntry } from '../../src/domain/timeline.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import {
  acceptAlerts,
  advance,
  askAgent,
  decidePlan,
  proposePlan,
  reconcile,
  renewPlan,
  requestUndo,
  stopPlan,
} from '../../src/flow/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Remedy, RemedyRegistry } from '../../src/ports/remedy.ts';
import { anAlert } from './builders.ts';
import { deliverAll, type FlowFixture, type FlowOptions, openFlow } from './flow-fixture.ts';

/** Real time plus what a test adds to it; the database of the room goes by it too. */
export class ShiftedClock implements Clock {
  #aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }
  pass(time: { minutes?: number; seconds?: number }): void {
    this.#aheadMs += (time.minutes ?? 0) * 60_000 + (time.seconds ?? 0) * 1_000;
  }
}

/** The flow with the words in which people speak to it. */
export class WarRoom {
  readonly fixture: FlowFixture;
  readonly clock: ShiftedClock;
  /** What every call uses; a test that changes the policy or the catalogue puts another. */
  flow: FlowContext;
  #alerts = 0;

  constructor(fixture: FlowFixture, clock: ShiftedClock) {
    this.fixture = fixture;
    this.clock = clock;
    this.flow = fixture.flow;
  }

  get record() {
    return this.flow.record;
  }
  get remedy() {
    return this.fixture.remedy;
  }
  get queue() {
    return this.fixture.queue;
  }

  /** Works until nobody has anything to do, and delivers what Slack is to show. */
  work(): Promise<void> {
    return this.queue.drain(this.flow);
  }
  /** Slack takes what waits for it, and nobody works. */
  deliver(): Promise<void> {
    return deliverAll(this.flow);
  }
  /** Runs one stage by hand, as its job does. */
  run(stage: Stage, plan: Plan, signal = AbortSignal.timeout(30_000)): Promise<void> {
    return advance(this.flow, stage, plan.incidentId, signal);
  }
  /** What a look every minute does, without the work that follows from it. */
  reconcile(): Promise<void> {
    return reconcile(this.flow, new Map(), AbortSignal.timeout(30_000));
  }
  /** Redis forgets everything, and the rows are gone through again. */
  async restart(): Promise<void> {
    this.queue.flush();
    await this.reconcile();
    await this.work();
  }

  /** An alert on a service, worked on until a plan waits or nothing more can be done. */
  async raise(service = 'ledger'): Promise<Incident> {
    await this.alert(service);
    await this.work();
    return this.newest();
  }
  async alert(service = 'ledger'): Promise<void> {
    this.#alerts += 1;
    const startsAt = new Date(this.clock.now().getTime() - 1_000);
    await acceptAlerts(this.flow, [anAlert({ service, startsAt, fingerprint: `f${this.#alerts}` })]);
  }
  /** The monitor says that everything is over. */
  async resolveAlerts(): Promise<void> {
    const firing = await this.record.alerts.firing();
    const endsAt = this.clock.now();
    await acceptAlerts(
      this.flow,
      firing.map((alert) => ({ ...alert, status: 'resolved' as const, endsAt })),
    );
  }
  async newest(): Promise<Incident> {
    return given((await this.record.incidents.recent(1))[0], 'an incident');
  }

  /** An alert on ledger whose cause an agent names, up to the plan that follows. */
  async planned(): Promise<Plan> {
    return this.newestPlan(await this.raise());
  }
  async newestPlan(incident: Incident): Promise<Plan> {
    return given((await this.record.plans.ofIncident(incident.id))[0], 'a plan');
  }
  /** A person's own plan for the newest incident, with its card before people. */
  async proposed(userId: string, remedies: readonly ProposedRemedy[]): Promise<Plan> {
    const incident = await this.newest();
    const answer = await this.propose(incident, userId, remedies);
    if (!answer.accepted) throw new Error(`no plan was made: ${JSON.stringify(answer)}`);
    await this.work();
    return this.newestPlan(incident);
  }
  propose(incident: Incident, userId: string, remedies: readonly ProposedRemedy[]): Promise<Answer> {
    return proposePlan(this.flow, { incidentId: incident.id, userId, remedies });
  }

  click(
    plan: Plan,
    userId: string,
    decision: Click['decision'] = 'approve',
    reason?: string,
  ): Promise<Answer> {
    return decidePlan(this.flow, {
      ...buttonOf(plan, userId),
      decision,
      ...(reason === undefined ? {} : { reason }),
    });
  }
  undo(plan: Plan, userId: string, reason = 'it broke something else'): Promise<Answer> {
    return requestUndo(this.flow, { ...buttonOf(plan, userId), reason });
  }
  renew(plan: Plan, userId: string): Promise<Answer> {
    return renewPlan(this.flow, buttonOf(plan, userId));
  }
  stop(plan: Plan, userId: string): Promise<Answer> {
    return stopPlan(this.flow, buttonOf(plan, userId));
  }
  ask(plan: Plan, userId: string, text: string): Promise<Answer> {
    return askAgent(this.flow, { ...buttonOf(plan, userId), text });
  }

  async state(plan: Plan): Promise<PlanState> {
    return given(await this.record.plans.get(plan.id), 'the plan').state;
  }
  async incident(plan: Plan): Promise<Incident> {
    return given(await this.record.incidents.get(plan.incidentId), 'the incident');
  }
  async execution(plan: Plan): Promise<Execution> {
    return given(await this.record.executions.ofPlan(plan.id), 'an execution');
  }
  timeline(plan: Plan): Promise<TimelineEntry[]> {
    return this.record.timeline.ofIncident(plan.incidentId);
  }
  /** Kinds of what happened to this plan, in order. */
  async told(plan: Plan): Promise<string[]> {
    return (await this.timeline(plan))
      .filter(({ data }) => (data as { planId?: string } | null)?.planId === plan.id)
      .map(({ kind }) => kind);
  }
  /** The card as Slack was last told to show it. */
  async card(plan: Plan): Promise<PlanView> {
    const entries = await this.record.outbox.ofIncident(plan.incidentId);
    const item = entries.find(({ key }) => key === `plan:${plan.id}`)?.item;
    if (item?.type !== 'message' || item.view.view !== 'plan') throw new Error('the plan has no card');
    return item.view;
  }
  /** Texts of the notices whose key begins so, with the channel they go to (null: the incident's own). */
  async notices(plan: Plan, prefix: string): Promise<{ text: string; channel: string | null }[]> {
    const entries = await this.record.outbox.ofIncident(plan.incidentId);
    return entries.flatMap(({ key, item }) =>
      key.startsWith(prefix) && item.type === 'message' && item.view.view === 'notice'
        ? [{ text: item.view.text, channel: item.channel ?? null }]
        : [],
    );
  }

  /** Every remedy does this in place of what it did. */
  alter(change: (remedy: Remedy) => Partial<Remedy>): void {
    const kinds = Object.entries(this.flow.remedies).map(([kind, remedy]: [string, Remedy]) => [
      kind,
      Object.assign(Object.create(remedy), change(remedy)),
    ]);
    this.flow = { ...this.flow, remedies: Object.fromEntries(kinds) as RemedyRegistry };
  }

  close(): Promise<void> {
    return this.fixture.close();
  }
}

export async function openWarRoom(options: Omit<FlowOptions, 'clock'> = {}): Promise<WarRoom> {
  const clock = new ShiftedClock();
  return new WarRoom(await openFlow({ ...options, clock }), clock);
}

/** Steps on ledger, each with a switch of its own name. */
export function steps(...names: string[]): ProposedRemedy[] {
  return names.map((name) => ({ kind: 'restart-service', service: 'ledger', params: { name } }));
}

/** A call that hangs until it is told to stop, as a slow API does. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Finds nothing: what is done then is a person's wish. */
export const nobodyKnows: Investigator = {
  name: 'evidence',
  investigate: async () => ({ claims: [], ruledOut: [], nextChecks: [] }),
};

export function buttonOf(plan: Plan, userId: string): PlanButton {
  return { planId: plan.id, digest: plan.digest, nonce: plan.nonce, userId };
}

export function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`expected ${what}`);
  return value;
}
