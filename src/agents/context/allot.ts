import { defaultShares, type Shares } from './shares.ts';
import { type LayerName, layerNames, type Unit } from './unit.ts';

export interface LeftOut {
  readonly key: string;
  readonly title: string;
  readonly tokens: number;
  readonly why: string;
}

/** One layer as it goes into the request, and why it is as it is. */
export interface AllottedLayer {
  readonly layer: LayerName;
  readonly loaded: readonly Unit[];
  readonly leftOut: readonly LeftOut[];
  readonly tokens: number;
  /** Its own share of the window, in tokens. */
  readonly ownTokens: number;
  /** What layers before it did not use, in tokens. */
  readonly inheritedTokens: number;
}

export interface LoadedLayer extends AllottedLayer {
  /** By the API where it was asked; else null, and `tokens` is the estimate. */
  readonly countedTokens: number | null;
}

export interface Candidates {
  readonly layer: LayerName;
  readonly units: readonly Unit[];
  /** What never was a candidate, and why. */
  readonly leftOut?: readonly LeftOut[];
}

/**
 * What one layer loads of its candidates: whole units by relevance while they fit. One too large is left out and smaller
 * ones after it may still fit. Without clock, chance or a model: the same candidates give the same choice.
 */
export function allotLayer(
  { layer, units, leftOut = [] }: Candidates,
  budget: { readonly own: number; readonly inherited: number },
): AllottedLayer {
  const room = budget.own + budget.inherited;
  const ranked = units.toSorted(
    (a, b) => b.relevance - a.relevance || a.tokens - b.tokens || compareText(a.key, b.key),
  );
  const loaded: Unit[] = [];
  const evicted: LeftOut[] = [];
  let tokens = 0;
  for (const unit of ranked) {
    if (tokens + unit.tokens <= room) {
      loaded.push(unit);
      tokens += unit.tokens;
      continue;
    }
    const why =
      unit.tokens > room
        ? `alone larger than the ${room} tokens of its layer`
        : `${room - tokens} tokens were left, and more relevant units came first`;
    evicted.push({ key: unit.key, title: unit.title, tokens: unit.tokens, why });
  }
  return {
    layer,
    loaded: loaded.toSorted((a, b) => compareText(a.key, b.key)),
    leftOut: [...leftOut, ...evicted],
    tokens,
    ownTokens: budget.own,
    inheritedTokens: budget.inherited,
  };
}

/** Layers in order of priority: what one does not use is added to the next one's share. */
export function allotLayers(
  candidates: readonly Candidates[],
  windowTokens: number,
  shares: Shares = defaultShares,
): AllottedLayer[] {
  let inherited = 0;
  return layerNames.flatMap((layer) => {
    const given = candidates.find((one) => one.layer === layer);
    if (given === undefined) return [];
    const allotted = allotLayer(given, { own: Math.floor(shares[layer] * windowTokens), inherited });
    inherited = allotted.ownTokens + inherited - allotted.tokens;
    return [allotted];
  });
}

/** By code unit: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
