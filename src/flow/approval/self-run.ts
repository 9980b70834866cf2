import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, PlanButton } from '../../domain/approval.ts';
import { decideOffer } from '../../domain/autonomy.ts';
import { type Plan, targetServices } from '../../domain/plan.ts';
import { assessAgain } from '../../domain/risk.ts';
import { findService } from '../../domain/service.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { findMember } from '../incident/people.ts';
import { secondsLeft, showIncident, showPlan } from '../incident/show.ts';
import { isShown, shownAt } from '../incident/shown.ts';
import { changeStatus, isBusy } from '../incident/status.ts';
import { wake } from '../incident/wake.ts';
import { whyDoubted } from '../incident/why-doubted.ts';

const lookEveryMs = 500;
const hourMs = 60 * 60_000;
/** Slack may be slow; what cannot be seen by then waits for a person. */
const shownPatienceMs = 60_000;

/** Waits for an announced plan's moment. A plan that needs a click is waited for by nobody: the click moves it. */
export async function awaitDecision(
  flow: FlowContext,
  incidentId: string,
  signal: AbortSignal,
): Promise<void> {
  let told: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const plan = (await flow.record.plans.ofIncident(incidentId)).find((one) => one.state === 'announced');
    if (plan === undefined || plan.runsAt === null) return;
    const incident = await flow.record.incidents.get(incidentId);
    const free = incident !== undefined && !isBusy(incident.stage);
    const now = await flow.record.now();
    if (free && (await isDue(flow, plan, now.getTime() - plan.runsAt.getTime()))) break;
    const left = secondsLeft(plan, now);
    if (told !== null && left !== told) await countDown(flow, plan);
    told = left;
    await sleep(lookEveryMs, undefined, { signal });
  }
  await flow.record.transaction((rows) => beginAnnounced(flow, rows, incidentId));
  await wake(flow, incidentId);
}

/** The card shows how long there still is to stop it. */
async function countDown(flow: FlowContext, plan: Plan): Promise<void> {
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(plan.incidentId);
    await showPlan(flow, rows, plan.id);
  });
}

/** Nobody can stop what they cannot see: its card is waited for, and for a while only. */
async function isDue(flow: FlowContext, plan: Plan, lateMs: number): Promise<boolean> {
  return lateMs >= shownPatienceMs || (lateMs >= 0 && (await isShown(flow.record, plan)));
}

/** Every condition is judged again now: what was fine when it was announced need not be. */
async function beginAnnounced(flow: FlowContext, rows: Rows, incidentId: string): Promise<void> {
  const incident = await rows.incidents.lock(incidentId);
  const plan = (await rows.plans.ofIncident(incidentId)).find((one) => one.state === 'announced');
  if (incident === undefined || plan === undefined || isBusy(incident.stage)) return;
  const why = await whyAsk(flow, rows, plan);
  if (why !== null) return await askInstead(flow, rows, plan, 'warroom', `It waits for a person: ${why}.`);
  if (!(await rows.plans.begin(plan.id))) return;
  const now = await rows.now();
  await rows.plans.recordApproval({
    id: newId(),
    planId: plan.id,
    digest: plan.digest,
    userId: 'policy',
    decision: 'self-run',
    inNameOf: null,
    reason: null,
    at: now,
  });
  await rows.timeline.append(incidentId, {
    kind: 'plan.approved',
    actor: 'policy',
    text: 'Nobody stopped the plan, and the policy lets it run by itself.',
    data: { planId: plan.id, digest: plan.digest, by: 'policy' },
  });
  await rows.incidents.update(incidentId, { stage: 'execution' });
  await changeStatus(rows, incidentId, 'mitigating');
  await showPlan(flow, rows, plan.id);
  await showIncident(flow, rows, incidentId);
}

/** A countdown that nobody could see for half of its time is none. What runs at once has none to be seen. */
function wasShownTooLate(plan: Plan, shown: Date): boolean {
  const runsMs = plan.runsAt?.getTime() ?? 0;
  const countdownMs = runsMs - plan.createdAt.getTime();
  return countdownMs > 0 && runsMs - shown.getTime() < countdownMs / 2;
}

async function whyAsk(flow: FlowContext, rows: Rows, plan: Plan): Promise<string | null> {
  const now = await rows.now();
  // A process that was away for hours must not act on what was announced to people who have gone since.
  if (now >= plan.expiresAt) return 'its moment has passed';
  const shown = await shownAt(rows, plan);
  if (shown === undefined) return 'it could not be shown here before it was to run';
  if (wasShownTooLate(plan, shown)) return 'its card came too late for anybody to stop it';
  if ((await rows.halts.active()) !== undefined) return 'execution is halted';
  const { body } = plan;
  const targets = targetServices(body).map((name) => findService(flow.catalogue, name));
  const services = targets.filter((service) => service !== undefined);
  if (services.length < targets.length) return 'the catalogue no longer has its service';
  const offer = decideOffer(
    {
      risk: assessAgain(body, { madeAt: plan.createdAt, at: now }, flow.policy.risk),
      tainted: body.tainted,
      requestedBy: body.requestedBy,
      kinds: body.remedies.map((remedy) => remedy.kind),
      // What cannot be undone was never announced.
      reversible: true,
      doubt: await whyDoubted(rows, plan.incidentId),
    },
    services,
  );
  if (offer.kind !== 'self-run') return offer.reason ?? 'the service is in assist mode';
  const since = new Date(now.getTime() - hourMs);
  for (const service of services) {
    const { perHour } = service.autonomy;
    if ((await rows.plans.countSelfRuns(service.name, since)) >= perHour) {
      return `${service.name} has had ${perHour} plans run by themselves within the hour`;
    }
  }
  return null;
}

/** *Stop*: anybody's doubt is enough. The plan stays, and waits for a click. */
export async function stopPlan(flow: FlowContext, button: PlanButton): Promise<Answer> {
  const member = await findMember(flow, button.userId);
  if ('refused' in member) return member.refused;
  return await flow.record.transaction(async (rows): Promise<Answer> => {
    const known = await rows.plans.get(button.planId);
    if (known !== undefined) await rows.incidents.lock(known.incidentId);
    const plan = await rows.plans.get(button.planId);
    if (plan === undefined || plan.digest !== button.digest || plan.nonce !== button.nonce) {
      return { accepted: false, refusal: 'changed', approvers: [] };
    }
    if (plan.state !== 'announced') {
      return {
        accepted: false,
        refusal: null,
        reason: 'It is past stopping: the card says what became of it. If it has run, use Undo.',
      };
    }
    await askInstead(
      flow,
      rows,
      plan,
      `user:${button.userId}`,
      `${member.person.name} stopped the plan. It now waits for a person.`,
    );
    return { accepted: true, note: null };
  });
}

async function askInstead(
  flow: FlowContext,
  rows: Rows,
  plan: Plan,
  actor: string,
  text: string,
): Promise<void> {
  if (!(await rows.plans.move(plan.id, 'announced', 'pending'))) return;
  await rows.timeline.append(plan.incidentId, {
    kind: actor === 'warroom' ? 'plan.held' : 'plan.stopped',
    actor,
    text,
    data: { planId: plan.id, digest: plan.digest },
  });
  await showPlan(flow, rows, plan.id);
  await showIncident(flow, rows, plan.incidentId);
}
