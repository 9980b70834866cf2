import { randomBytes } from 'node:crypto';
import { decideOffer, type Offer } from '../../domain/autonomy.ts';
import { restsOnPublicInput } from '../../domain/evidence.ts';
import type { Incident } from '../../domain/incident.ts';
import { type Plan, type PlanBody, type ProposedRemedy, planCanonical } from '../../domain/plan.ts';
import { assessRisk } from '../../domain/risk.ts';
import { findService, type Service } from '../../domain/service.ts';
import { explainError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { FlowContext } from '../context.ts';
import { nameOf } from '../incident/people.ts';
import { whyDoubted } from '../incident/why-doubted.ts';
import { rejectionsOf } from './rejections.ts';
import { verificationOf } from './verification-of.ts';

/** What somebody wants done, and on what grounds. */
export interface Wish {
  readonly remedies: readonly ProposedRemedy[];
  readonly evidence: readonly number[];
  /** Services of which the evidence counts; of an agent's own wish alone. */
  readonly about?: readonly string[];
  /** Slack ids of the people who asked for it; empty for an agent's own. */
  readonly requestedBy: readonly string[];
  readonly createdBy: string;
}

export interface BuiltPlan {
  readonly plan: Plan;
  readonly offer: Exclude<Offer, { kind: 'nothing' }>;
}

/** A preview may try things out on copies; nobody waits longer than this for a step of a card. */
const previewDeadlineMs = 120_000;

type Previewed = Extract<Preview, { possible: true }>;

/** Previews each remedy on the world as it is now and puts the whole into one hashed plan, or says why there is none. */
export async function buildPlan(
  flow: FlowContext,
  incident: Incident,
  wish: Wish,
  signal: AbortSignal,
): Promise<BuiltPlan | { readonly reason: string }> {
  const services = wish.remedies.map((remedy) => findService(flow.catalogue, remedy.service));
  const unknown = services.indexOf(undefined);
  if (unknown !== -1) {
    return { reason: `${wish.remedies[unknown]?.service ?? 'a service'} is not in the catalogue.` };
  }
  const targets = services.filter((service) => service !== undefined);
  const clash = sharedTarget(flow, wish, targets);
  if (clash !== null) return { reason: `two of its steps act on ${clash}, and the second would be stale.` };

  const previews: Previewed[] = [];
  for (const [index, remedy] of wish.remedies.entries()) {
    const preview = await previewOne(flow, remedy, targets[index], signal);
    if (!preview.possible) return { reason: preview.reason };
    previews.push(preview);
  }
  const [first] = previews;
  if (first === undefined) return { reason: 'it has no step.' };

  const id = newId();
  const now = await flow.record.now();
  const cited = (await flow.record.evidence.ofIncident(incident.id)).filter((row) =>
    wish.evidence.includes(row.number),
  );
  // A person's wish is the person's judgement: it rests on no text, and it always needs another person anyway.
  // An agent that wrote a patch had read what anybody can write.
  const written = wish.remedies.some(({ kind }) => kind === 'pull-request');
  const grounds = cited.filter((row) => wish.about?.includes(row.service) ?? true);
  const tainted = wish.requestedBy.length === 0 && (written || restsOnPublicInput(grounds));
  const risk = assessRisk(
    {
      steps: previews.map(({ planned, facts }) => ({ kind: planned.kind, service: planned.service, facts })),
      tainted,
      at: now,
    },
    flow.policy.risk,
  );
  const offer = decideOffer(
    {
      risk,
      tainted,
      requestedBy: wish.requestedBy,
      kinds: previews.map(({ planned }) => planned.kind),
      reversible: previews.every(({ facts }) => facts.reversible !== 'none'),
      doubt: await whyDoubted(flow.record, incident.id),
    },
    targets,
  );
  if (offer.kind === 'nothing') return { reason: offer.reason };

  const body: PlanBody = {
    version: 1,
    planId: id,
    incidentId: incident.id,
    service: first.planned.service,
    remedies: previews.map(({ planned }) => planned),
    risk,
    tainted,
    requestedBy: wish.requestedBy,
    evidence: wish.evidence,
    history: await historyOf(flow, wish.remedies),
    verification: await verificationOf(flow, incident.id, signal),
  };
  const runsAt = offer.kind === 'self-run' ? new Date(now.getTime() + offer.afterSeconds * 1000) : null;
  const plan: Plan = {
    id,
    incidentId: incident.id,
    body,
    ...planCanonical(body),
    nonce: randomBytes(16).toString('hex'),
    state: offer.kind === 'self-run' ? 'announced' : 'pending',
    createdBy: wish.createdBy,
    createdAt: now,
    // A countdown is not counted: what runs by itself may be late by as much as a click may.
    expiresAt: new Date((runsAt ?? now).getTime() + flow.policy.planExpiryMinutes * 60_000),
    runsAt,
  };
  return { plan, offer };
}

async function previewOne(
  flow: FlowContext,
  remedy: ProposedRemedy,
  service: Service | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  if (service === undefined) return { possible: false, reason: 'its service is not in the catalogue.' };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(previewDeadlineMs)]);
  try {
    return await flow.remedies[remedy.kind].preview(service, remedy.params, limited);
  } catch (error) {
    if (signal.aborted) throw error;
    flow.log.warn({ kind: remedy.kind, service: remedy.service, err: error }, 'preview failed');
    return { possible: false, reason: `the preview failed. ${explainError(error)}` };
  }
}

/** The first step changes what the second was previewed on. */
function sharedTarget(flow: FlowContext, wish: Wish, services: readonly Service[]): string | null {
  const seen = new Set<string>();
  for (const [index, { kind, params }] of wish.remedies.entries()) {
    const service = services[index];
    if (service === undefined) continue;
    for (const target of new Set(flow.remedies[kind].targets(service, params))) {
      if (seen.has(target)) return target;
      seen.add(target);
    }
  }
  return null;
}

/** More than this nobody reads on a card. */
const mostHistory = 3;

async function historyOf(flow: FlowContext, remedies: readonly ProposedRemedy[]): Promise<string[]> {
  const lines: string[] = [];
  const explained = (await rejectionsOf(flow, remedies)).filter(({ reason }) => reason !== null);
  for (const { userId, reason, at } of explained.slice(0, mostHistory)) {
    lines.push(`Rejected on ${at.toISOString().slice(0, 10)} by ${await nameOf(flow, userId)}: ${reason}`);
  }
  return lines;
}
