import type { Turn } from '../../ports/language-model.ts';

/** Limits of one agent in one incident; reaching one ends in a partial report, never in a guess. */
export interface BudgetLimits {
  readonly turns: number;
  /** Input (fresh and cached) plus output, without the context that was loaded before the first turn: its shares bound it. */
  readonly tokens: number;
  /** From the first turn on. */
  readonly durationMs: number;
}

export const defaultLimits: BudgetLimits = { turns: 16, tokens: 400_000, durationMs: 6 * 60_000 };

export interface Budget {
  /** @param loadedTokens of the input that are no part of the conversation */
  spend(usage: Turn['usage'], loadedTokens?: number): void;
  /** Which limit is reached, in words; null while there is room. One turn to report is still allowed then. */
  reached(): string | null;
  /** One line for the thread. */
  summary(): string;
}

/** @param now monotonic milliseconds */
export function createBudget(limits: BudgetLimits, now: () => number = () => performance.now()): Budget {
  const startedMs = now();
  let turns = 0;
  let input = 0;
  let cached = 0;
  let output = 0;
  let loaded = 0;
  return {
    spend(usage, loadedTokens = 0) {
      turns += 1;
      loaded += Math.min(loadedTokens, usage.inputTokens + usage.cachedTokens);
      input += usage.inputTokens;
      cached += usage.cachedTokens;
      output += usage.outputTokens;
    },
    reached() {
      if (turns >= limits.turns) return `${limits.turns} turns`;
      if (input + cached + output - loaded >= limits.tokens) return `${limits.tokens} tokens`;
      if (now() - startedMs >= limits.durationMs) return `${Math.round(limits.durationMs / 1000)} s`;
      return null;
    },
    summary: () => `${turns} turns, ${input + cached} tokens in (${cached} cached), ${output} out`,
  };
}
