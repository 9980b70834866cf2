import type { AgentPolicy } from '../../config/agent-policy.ts';
import type { KeptTurn } from '../../ports/conversations.ts';
import { describeLimit, type LimitReached } from './budget.ts';
import { ConversationEnded } from './stopped.ts';
import { toThread } from './words.ts';

const limits = ['turns', 'tokens', 'dollars', 'minutes'] as const;
const owners = ['agent', 'incident'] as const;

/** Kept with the request: whoever goes on knows why it was the last, also when others have spent less than they had reserved. */
export function lastChanceFor({ limit, of }: LimitReached): string {
  return `last-chance:${of}:${limit}`;
}

/** The limit for which the report was asked; null while none was. */
export function lastChanceOf(turns: readonly KeptTurn[], policy: AgentPolicy): LimitReached | null {
  const asked = new Set(turns.flatMap((turn) => turn.purposes));
  for (const of of owners)
    for (const limit of limits) {
      const known = describeLimit(policy, limit, of);
      if (asked.has(lastChanceFor(known))) return known;
    }
  return null;
}

export function noReportAt(limit: LimitReached): ConversationEnded {
  return new ConversationEnded('limit', toThread.noReportAtLimit(limit.words), limit);
}
