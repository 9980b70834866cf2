import { sha256 } from '../../platform/canonical-json.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { inertUnit } from './inert-unit.ts';

/** L1 the service itself, L2 what it depends on and who depends on it, L3 what is known from before, L4 what happens now. */
export type LayerName = 'l1' | 'l2' | 'l3' | 'l4';

export const layerNames = ['l1', 'l2', 'l3', 'l4'] as const satisfies readonly LayerName[];

/** The least that is loaded or left out: a file, a section of one, a past incident, a log template. It is never cut. */
export interface Unit {
  /** Unique in its layer, and the same for the same thing in every turn. */
  readonly key: string;
  /** For people: a path, a title. */
  readonly title: string;
  /** As the model sees it: masked, and without characters that hide or reorder text. */
  readonly text: string;
  readonly tokens: number;
  /** Higher is loaded first. */
  readonly relevance: number;
  /**
   * What has to differ for the unit to count as changed, when that is less than its text: a count grows every second, and
   * that alone is no news.
   */
  readonly gist?: string;
}

/** @param path decides how secrets are found in it, and how it is counted */
export function makeUnit(given: {
  key: string;
  title: string;
  text: string;
  path?: string;
  relevance: number;
  gist?: string;
}): Unit {
  const text = inertUnit(given.title, given.text, given.path ?? '');
  return {
    key: given.key,
    title: given.title,
    text,
    tokens: estimateTokens(text, given.path),
    relevance: given.relevance,
    ...(given.gist === undefined ? {} : { gist: given.gist }),
  };
}

/** Of what a unit says: two of one gist are the same news. */
export function gistOf(unit: Unit): string {
  return unit.gist ?? sha256(unit.text).slice(0, 16);
}
