import type { AgentLimits, AgentPolicy } from '../../config/agent-policy.ts';
import type { InvestigationSpending, KeptTurn } from '../../ports/conversations.ts';
import type { StoppedEarly } from '../investigator.ts';

/** What was used up so far. */
export interface Spent {
  readonly turns: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Of the input, what was loaded before the first turn. */
  readonly loadedTokens: number;
  /** Of the turns that have a price. */
  readonly dollars: number;
  /** Turns without one. */
  readonly unpriced: number;
  readonly elapsedMs: number;
}

export type LimitReached = Pick<StoppedEarly, 'limit' | 'of'> & {
  /** `its limit of 16 turns`. */
  readonly words: string;
};

/** Of one conversation. A turn that was asked and is not over counts as a turn, and as nothing else yet. */
export function spentOf(turns: readonly KeptTurn[], elapsedMs: number): Spent {
  const over = turns.flatMap((turn) => (turn.spent === null ? [] : [turn.spent]));
  const sum = (of: (one: (typeof over)[number]) => number): number =>
    over.reduce((total, one) => total + of(one), 0);
  return {
    turns: turns.length,
    inputTokens: sum((one) => one.inputTokens),
    cachedTokens: sum((one) => one.cachedTokens),
    outputTokens: sum((one) => one.outputTokens),
    loadedTokens: sum((one) => one.loadedTokens),
    dollars: sum((one) => one.dollars ?? 0),
    unpriced: over.filter((one) => one.dollars === null).length,
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
    loadedTokens: sum((one) => one.loadedTokens),
    dollars: sum((one) => one.dollars ?? 0),
    unpriced: sum((one) => one.unpriced),
    elapsedMs: sum((one) => one.elapsedMs),
  };
}

/** Which limit is reached; null while there is room. The agent's own before the incident's. */
export function limitReached(policy: AgentPolicy, own: Spent, incident: Spent): LimitReached | null {
  const ownLimit = firstReached(policy.perAgent, own);
  if (ownLimit !== null) return { limit: ownLimit, of: 'agent', words: sayLimit(policy.perAgent, ownLimit) };
  const shared = firstReached(policy.perIncident, incident);
  return shared === null
    ? null
    : {
        limit: shared,
        of: 'incident',
        words: `${sayLimit(policy.perIncident, shared)} for the whole incident`,
      };
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
  const tokens = spent.inputTokens + spent.cachedTokens + spent.outputTokens - spent.loadedTokens;
  if (tokens >= limits.tokens) return 'tokens';
  if (spent.dollars >= limits.dollars) return 'dollars';
  return spent.elapsedMs >= limits.minutes * 60_000 ? 'minutes' : null;
}

export function sayLimit(limits: AgentLimits, limit: LimitReached['limit']): string {
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
