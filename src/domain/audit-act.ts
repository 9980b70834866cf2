import type { TimelineEntry } from './timeline.ts';

/** One line of the audit: who did or saw what, when. */
export interface Act {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Incident, or `system`. */
  readonly incident: string;
  readonly plan: string | null;
  readonly digest: string | null;
  /** Kinds of the plan's remedies, in order. */
  readonly remedies: readonly string[];
  readonly services: readonly string[];
  readonly actor: string;
  /** A word of ours, or the entry's own kind where there is none. */
  readonly action: string;
  readonly inNameOf: string | null;
  readonly reason: string | null;
  readonly text: string;
  /** Place and hash in the chain, so that each line can be found there again. */
  readonly seq: number;
  readonly hash: string;
}

/** What a plan acts on. */
export interface PlanTargets {
  readonly remedies: readonly string[];
  readonly services: readonly string[];
}

const actions: ReadonlyMap<string, string> = new Map([
  ['plan.offered', 'offered'],
  ['plan.announced', 'announced'],
  ['plan.shown', 'shown'],
  ['plan.approved', 'approved'],
  ['plan.rejected', 'rejected'],
  ['plan.refused', 'refused'],
  ['plan.broke-glass', 'break-glass'],
  ['plan.stopped', 'stopped'],
  ['plan.expired', 'expired'],
  ['plan.void', 'void'],
  ['plan.renewed', 'renewed'],
  ['plan.asked', 'asked'],
  ['plan.answered', 'answered'],
  ['plan.undo-requested', 'undo-requested'],
  ['execution.started', 'ran'],
  ['execution.step', 'step'],
  ['execution.applied', 'applied'],
  ['execution.failed', 'failed'],
  ['verification.passed', 'verified'],
  ['verification.impossible', 'unverified'],
  ['rollback.done', 'rolled-back'],
  ['rollback.failed', 'rollback-failed'],
  ['halt.raised', 'halted'],
  ['halt.lifted', 'lifted'],
  ['delegation.given', 'delegated'],
  ['delegation.revoked', 'revoked'],
  ['audit.anchored', 'anchored'],
  ['audit.rekeyed', 'rekeyed'],
]);

export const actColumns = [
  'at',
  'incident',
  'plan',
  'digest',
  'remedies',
  'services',
  'actor',
  'action',
  'inNameOf',
  'reason',
  'text',
  'seq',
  'hash',
] as const satisfies readonly (keyof Act)[];

/** The plan that an entry speaks of. */
export function planOf(entry: Pick<TimelineEntry, 'data'>): string | null {
  return field(entry.data, 'planId');
}

/** @param undoAsked a person asked for this plan's undoing earlier in the same timeline */
export function toAct(entry: TimelineEntry, targets: PlanTargets | undefined, undoAsked: boolean): Act {
  const { data } = entry;
  const action = actions.get(entry.kind) ?? entry.kind;
  return {
    at: entry.at.toISOString(),
    incident: entry.incidentId,
    plan: planOf(entry),
    digest: field(data, 'digest'),
    remedies: targets?.remedies ?? [],
    services: targets?.services ?? [],
    actor: entry.actor,
    action: action === 'rolled-back' && undoAsked ? 'undone' : action,
    inNameOf: field(data, 'inNameOf'),
    reason: field(data, 'reason') ?? field(data, 'refusal'),
    text: entry.text,
    seq: entry.seq,
    hash: entry.hash,
  };
}

function field(data: unknown, key: string): string | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return null;
  const value = (data as { readonly [key: string]: unknown })[key];
  return typeof value === 'string' ? value : null;
}
