import type { LanguageModel } from '../ports/language-model.ts';

type Request = Parameters<LanguageModel['turn']>[0];

/** The same model, which gets every request and every text to count as `change` and `changeText` make them. */
export function mapRequests(
  model: LanguageModel,
  change: (request: Request) => Request,
  changeText: (text: string) => string,
): LanguageModel {
  // The vendor's own object may need itself.
  const count = model.countTokens?.bind(model);
  return {
    ...model,
    turn: (request, signal) => model.turn(change(request), signal),
    ...(count === undefined ? {} : { countTokens: (text, signal) => count(changeText(text), signal) }),
  };
}
