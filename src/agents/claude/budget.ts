import type { AgentLimits, AgentPolicy } from '../../config/agent-policy.ts';
import type { Counted, InvestigationSpending, KeptTurn } from '../../ports/conversations.ts';
import type { StoppedEarly } from '../investigator.ts';

/** What was used up so far. */
export interface Spent {
  readonly turns: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Of the turns that have a price. */
  readonly dollars: number;
  /** Turns without one. */
  readonly unpriced: number;
  /** Toward the limits: every turn, also one under way. */
  readonly counts: Counted;
  readonly elapsedMs: number;
}

export type LimitReached = Pick<StoppedEarly, 'limit' | 'of'> & {
  /** `its limit of 16 turns`. */
  readonly words: string;
};

/** Of one conversation. A turn that was asked and is not over has spent nothing yet; it counts by estimate. */
export function spentOf(turns: readonly KeptTurn[], elapsedMs: number): Spent {
  const over = turns.flatMap((turn) => (turn.spent === null ? [] : [turn.spent]));
  const sum = (of: (one: (typeof over)[number]) => number): number =>
    over.reduce((total, one) => total + of(one), 0);
  return {
    turns: turns.length,
    inputTokens: sum((one) => one.inputTokens),
    cachedTokens: sum((one) => one.cachedTokens),
    outputTokens: sum((one) => one.outputTokens),
    dollars: sum((one) => one.dollars ?? 0),
    unpriced: over.filter((one) => one.dollars === null).length,
    counts: countAll(turns),
    elapsedMs,
  };
}

/** Of all agents of an incident together. */
export function addUp(lines: readonly InvestigationSpending[]): Spent {
  const sum = (of: (one: InvestigationSpending) => number): number =>
    lines.reduce((total, one) => total + of(one), 0);
  return {
    turns: sum((one) => one.turns),
    inputTokens: sum((one) => one.inputTokens),
    cachedTokens: sum((one) => one.cachedTokens),
    outputTokens: sum((one) => one.outputTokens),
    dollars: sum((one) => one.dollars ?? 0),
    unpriced: sum((one) => one.unpriced),
    counts: countAll(lines),
    elapsedMs: sum((one) => one.elapsedMs),
  };
}

/** Which limit is reached; null while there is room. The agent's own before the incident's. */
export function limitReached(policy: AgentPolicy, own: Spent, incident: Spent): LimitReached | null {
  const ownLimit = firstReached(policy.perAgent, own);
  if (ownLimit !== null) return describeLimit(policy, ownLimit, 'agent');
  const shared = firstReached(policy.perIncident, incident);
  return shared === null ? null : describeLimit(policy, shared, 'incident');
}

export function describeLimit(
  policy: AgentPolicy,
  limit: LimitReached['limit'],
  of: LimitReached['of'],
): LimitReached {
  const words =
    of === 'agent'
      ? sayLimit(policy.perAgent, limit)
      : `${sayLimit(policy.perIncident, limit)} for the whole incident`;
  return { limit, of, words };
}

/** Whether an agent may still be asked for its report at the incident's limit: all of them together pass it once over. */
export function mayReport({ perIncident }: AgentPolicy, { counts }: Spent): boolean {
  return counts.tokens < 2 * perIncident.tokens && counts.dollars < 2 * perIncident.dollars;
}

/** `3 turns, 2700 tokens in (40 % cached), 300 out, $0.01`. */
export function saySpent(spent: Spent): string {
  const input = spent.inputTokens + spent.cachedTokens;
  const cached = input === 0 ? 0 : Math.round((100 * spent.cachedTokens) / input);
  const money = sayDollars(spent);
  return `${spent.turns} ${spent.turns === 1 ? 'turn' : 'turns'}, ${input} tokens in (${cached} % cached), ${spent.outputTokens} out${money === '' ? '' : `, ${money}`}`;
}

/** Empty where no turn has a price. */
export function sayDollars({
  dollars,
  unpriced,
  turns,
}: Pick<Spent, 'dollars' | 'unpriced' | 'turns'>): string {
  if (turns === 0 || unpriced >= turns) return '';
  const amount = dollars < 0.01 ? 'less than $0.01' : `$${dollars.toFixed(2)}`;
  return unpriced === 0 ? amount : `${amount} and ${unpriced} turns without a known price`;
}

function firstReached(limits: AgentLimits, spent: Spent): LimitReached['limit'] | null {
  if (spent.turns >= limits.turns) return 'turns';
  if (spent.counts.tokens >= limits.tokens) return 'tokens';
  if (spent.counts.dollars >= limits.dollars) return 'dollars';
  return spent.elapsedMs >= limits.minutes * 60_000 ? 'minutes' : null;
}

function countAll(all: readonly { readonly counts: Counted }[]): Counted {
  return {
    tokens: all.reduce((sum, { counts }) => sum + counts.tokens, 0),
    dollars: all.reduce((sum, { counts }) => sum + counts.dollars, 0),
  };
}

function sayLimit(limits: AgentLimits, limit: LimitReached['limit']): string {
  switch (limit) {
    case 'turns':
      return limits.turns === 1 ? '1 turn' : `${limits.turns} turns`;
    case 'tokens':
      return `${limits.tokens} tokens`;
    case 'dollars':
      return `$${limits.dollars}`;
    case 'minutes':
      return `${limits.minutes} min`;
    default:
      return limit satisfies never;
  }
}
