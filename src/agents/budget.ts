import type { Turn } from '../ports/language-model.ts';

/** Limits of one agent in one incident; reaching one ends in a partial report, never in a guess. */
export interface BudgetLimits {
  readonly turns: number;
  /** Input (fresh and cached) plus output. */
  readonly tokens: number;
}

export const defaultLimits: BudgetLimits = { turns: 16, tokens: 400_000 };

export interface Budget {
  spend(usage: Turn['usage']): void;
  /** Which limit is reached, in words; null while there is room. */
  reached(): string | null;
  /** One line for the thread. */
  summary(): string;
}

export function createBudget(limits: BudgetLimits): Budget {
  let turns = 0;
  let input = 0;
  let cached = 0;
  let output = 0;
  return {
    spend(usage) {
      turns += 1;
      input += usage.inputTokens;
      cached += usage.cachedTokens;
      output += usage.outputTokens;
    },
    reached() {
      if (turns >= limits.turns) return `${limits.turns} turns`;
      if (input + cached + output >= limits.tokens) return `${limits.tokens} tokens`;
      return null;
    },
    summary: () => `${turns} turns, ${input + cached} tokens in (${cached} cached), ${output} out`,
  };
}
