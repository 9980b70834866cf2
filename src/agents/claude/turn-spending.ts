import type { AgentPolicy } from '../../config/agent-policy.ts';
import type { AskedTurn, KeptTurn, Spending } from '../../ports/conversations.ts';
import type { Turn } from '../../ports/language-model.ts';
import { estimateTokens } from '../context/estimate-tokens.ts';
import { estimateBlocks } from './messages.ts';
import { type Opening, openingBlocks } from './opening.ts';
import { dearestPrice, dollarsOf, priceOf } from './prices.ts';

/** A request that the API refused is not billed. */
export const unspent: Spending = {
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  dollars: 0,
  counts: { tokens: 0, dollars: 0 },
};

/** At least, where nothing was answered yet. */
const leastOutput = 1_000;

export function spendingOf({ usage, model }: Pick<Turn, 'usage' | 'model'>, policy: AgentPolicy): Spending {
  const { inputTokens, cachedTokens, outputTokens } = usage;
  const price = priceOf(model, policy.prices);
  const counts = {
    tokens: inputTokens + cachedTokens + outputTokens,
    dollars: dollarsOf(usage, price ?? dearestPrice(policy.prices)),
  };
  return { inputTokens, cachedTokens, outputTokens, dollars: price && counts.dollars, counts };
}

/**
 * Of a request under way, and of one whose answer never came: what it would have cost if the cache had nothing of it, with the longest answer so
 * far. The API has no key by which it could be asked again without paying again.
 */
export function estimateSpending(
  opening: Opening,
  before: readonly KeptTurn[],
  turn: Pick<AskedTurn, 'said' | 'shed'>,
  { model, policy }: { readonly model: string; readonly policy: AgentPolicy },
): Spending {
  const usage = {
    inputTokens: estimateInput(opening, before, turn),
    cachedTokens: 0,
    outputTokens: Math.max(leastOutput, ...before.map((one) => one.spent?.outputTokens ?? 0)),
  };
  return spendingOf({ usage, model }, policy);
}

/** Of the last answer's request it is known; what came after is estimated. */
export function estimateInput(
  opening: Opening,
  before: readonly KeptTurn[],
  turn: Pick<AskedTurn, 'said' | 'shed'>,
): number {
  const at = before.findLastIndex((one) => one.state === 'answered' && one.shed === turn.shed);
  const known = before[at]?.spent ?? null;
  const fresh = before.slice(Math.max(0, at));
  const grown = fresh.reduce(
    (sum, one, index) =>
      sum +
      (known !== null && index === 0 ? 0 : estimateBlocks(one.said)) +
      (known !== null && index === 0 ? known.outputTokens : estimateBlocks(one.reply?.blocks ?? [])) +
      estimateBlocks(
        one.results.map(({ callId, text, failed }) => ({ type: 'tool-result', callId, text, failed })),
      ),
    estimateBlocks(turn.said),
  );
  return known === null
    ? grown + estimateOpening(opening, turn.shed)
    : grown + known.inputTokens + known.cachedTokens;
}

/** The layers were counted when they were loaded; once some are taken out, the rest is estimated. */
function estimateOpening(opening: Opening, shed: number): number {
  const whole = estimateBlocks(openingBlocks(opening, shed));
  return shed === 0 ? Math.max(whole, opening.loadedTokens + estimateTokens(opening.task)) : whole;
}
