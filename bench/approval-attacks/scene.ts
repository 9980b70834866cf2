import { type Plan, type PlanState, targetServices } from '../../src/domain/plan.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { advance } from '../../src/flow/index.ts';
import type { Arena } from './arena.ts';
import type { PlanAction } from './slack-door.ts';
import { type World, who } from './world.ts';

/** One plan, who is around it, and what can be done to it. */
export class Scene {
  readonly arena: Arena;
  readonly flow: FlowContext;
  readonly world: World;
  readonly plan: Plan;
  readonly channelId: string;

  constructor(arena: Arena, flow: FlowContext, world: World, plan: Plan, channelId: string) {
    this.arena = arena;
    this.flow = flow;
    this.world = world;
    this.plan = plan;
    this.channelId = channelId;
  }

  /** What its buttons carry. */
  get value(): string {
    const { id, digest, nonce } = this.plan;
    return JSON.stringify({ planId: id, digest, nonce });
  }
  /** What its dialogs carry. */
  get metadata(): string {
    const { id, digest, nonce } = this.plan;
    return JSON.stringify({ planId: id, digest, nonce, channel: this.channelId });
  }

  click(userId: string, action: PlanAction = 'approve', value = this.value): Promise<number> {
    return this.arena.door.click(action, userId, value);
  }
  reject(userId: string, reason = 'not this one'): Promise<number> {
    return this.arena.door.dialog('reject_plan', userId, this.metadata, reason);
  }
  breakGlass(userId: string, reason = 'nobody else answers since half past two'): Promise<number> {
    return this.arena.door.dialog('break_glass_plan', userId, this.metadata, reason);
  }
  undo(userId: string, metadata = this.metadata): Promise<number> {
    return this.arena.door.dialog('undo_plan', userId, metadata, 'it made things worse');
  }

  async state(): Promise<PlanState | undefined> {
    return (await this.flow.record.plans.get(this.plan.id))?.state;
  }

  /** Lets a worker do whatever the rows of this incident tell it to, up to the effect. */
  async run(flow: FlowContext = this.flow): Promise<void> {
    for (const stage of ['execution', 'rollback'] as const) {
      const incident = await flow.record.incidents.get(this.plan.incidentId);
      if (incident?.stage === stage) {
        await advance(flow, stage, this.plan.incidentId, AbortSignal.timeout(60_000));
      }
    }
  }

  /** What the announced plan's own job does. */
  async runAnnounced(flow: FlowContext = this.flow, signal = AbortSignal.timeout(60_000)): Promise<void> {
    await advance(flow, 'approval', this.plan.incidentId, signal);
    await this.run(flow);
  }

  /** The people who may, do; true when each step then happened once. The plan was live all along. */
  async approveAndRun(by?: readonly string[]): Promise<boolean> {
    const { arena, plan } = this;
    const people = by ?? (plan.body.risk.class === 'high' ? [who.ana, who.bea] : [who.ana]);
    if ((await this.state()) !== 'pending' || arena.ledger.count(plan.id, 'do') > 0) return false;
    for (const person of people) {
      await this.click(person);
      await arena.quiet(plan.id);
    }
    arena.ledger.allow(plan.id, 'do', this.steps);
    await this.run();
    return arena.ledger.count(plan.id, 'do') === this.steps;
  }

  get steps(): number {
    return this.plan.body.remedies.length;
  }
  get serviceNames(): string[] {
    return targetServices(this.plan.body);
  }
}
