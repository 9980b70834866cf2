import type { LanguageModel } from '../../ports/language-model.ts';

/** A window of a million tokens, filled for every turn, costs dollars an agent; what is left out is a tool call away. */
const mostWindowTokens = 200_000;

/** How many tokens of the model's window its context is planned for. */
export function windowOf(model: Pick<LanguageModel, 'windowTokens'> | null): number {
  return Math.min(model?.windowTokens ?? mostWindowTokens, mostWindowTokens);
}
