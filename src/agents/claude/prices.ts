import type { Usage } from '../../ports/language-model.ts';

export interface Price {
  /** US dollars a million tokens. */
  readonly input: number;
  readonly output: number;
  /** The vendor names its lowest tier only: what is counted with it is too little rather than too much. */
  readonly from?: true;
}

export type Prices = Readonly<Record<string, Price>>;

/** Anthropic's list, as of 22 November 2026. `policy.agents.prices` comes before it. */
export const listPrices: Prices = {
  'claude-opus-5-5': { input: 4, output: 20 },
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-haiku-5-5': { input: 0.1, output: 0.5, from: true },
  'claude-fable-5-1': { input: 10, output: 50 },
};

/** Of the price of fresh input. */
const readFactor = 0.1;
const write5mFactor = 1.25;
const write1hFactor = 2;

/** By its name, or by the name before the date of a release: `claude-sonnet-5-5-20261021`. Null: nobody knows. */
export function priceOf(model: string, own: Prices = {}): Price | null {
  const undated = model.replace(/-\d{8}$/, '');
  return own[model] ?? own[undated] ?? listPrices[model] ?? listPrices[undated] ?? null;
}

/** For a model of which nobody knows the price: nothing that is known costs more. */
export function dearestPrice(own: Prices = {}): Price {
  const known = [...Object.values(listPrices), ...Object.values(own)];
  return {
    input: Math.max(...known.map((one) => one.input)),
    output: Math.max(...known.map((one) => one.output)),
  };
}

export function dollarsOf(usage: Usage, price: Price): number {
  const { inputTokens, cachedTokens, outputTokens, written5mTokens = 0, written1hTokens = 0 } = usage;
  const fresh = Math.max(0, inputTokens - written5mTokens - written1hTokens);
  const input =
    fresh + cachedTokens * readFactor + written5mTokens * write5mFactor + written1hTokens * write1hFactor;
  return (input * price.input + outputTokens * price.output) / 1e6;
}
