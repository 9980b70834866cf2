import type { CommitDocument } from './commit-document.ts';
import { type CommitFeatures, type FeatureName, readFeatures } from './commit-features.ts';
import { featureWeights as weights } from './feature-weights.ts';
import type { TroubleText } from './read-trouble-text.ts';

/** How well one commit meets a text about trouble. */
export interface TextMatch {
  readonly sha: string;
  /** Log-odds that the text adds: 0 for nothing in common, about 8 where it can hardly be another. */
  readonly evidence: number;
  /** Log-odds of the commit itself: larger ones break more, repairs less. */
  readonly prior: number;
  /** In words, strongest first. */
  readonly reasons: readonly { readonly weight: number; readonly text: string }[];
}

const ofItself: ReadonlySet<FeatureName> = new Set(['size', 'growth', 'repair', 'tidying']);

/** Pure; the documents oldest first, the answers in the same order. */
export function matchText(documents: readonly CommitDocument[], text: TroubleText): TextMatch[] {
  const features = readFeatures(documents, text);
  return documents.map((document, index) => {
    const one = features[index];
    let evidence = 0;
    let prior = 0;
    if (one !== undefined)
      for (const [name, value] of Object.entries(one.values) as [FeatureName, number][])
        if (ofItself.has(name)) prior += weights[name] * value;
        else evidence += weights[name] * value;
    return { sha: document.sha, evidence, prior, reasons: one === undefined ? [] : reasonsOf(one) };
  });
}

function reasonsOf({ values, found }: CommitFeatures): { weight: number; text: string }[] {
  const of = (name: FeatureName): number => weights[name] * values[name];
  const list = (names: readonly string[] | undefined): string =>
    (names ?? []).map((name) => `\`${name}\``).join(', ');
  const quoted = (words: readonly string[] | undefined): string =>
    (words ?? []).map((word) => `"${word}"`).join(', ');
  const framed = found.frame ?? [];
  // A function where the trace points is told once.
  const touched = (found.namesTouched ?? []).filter(
    (name) => !framed.some((frame) => frame.startsWith(`${name} in `)),
  );
  const said: { weight: number; text: string; any: readonly string[] | undefined }[] = [
    {
      weight: of('frame') + of('near') + (framed.length > 0 ? of('namesTouched') : 0),
      text: `changes ${list(found.frame)}, where the trace points`,
      any: found.frame,
    },
    { weight: of('file'), text: `changes ${list(found.file)}, which the text names`, any: found.file },
    {
      weight: of('namesBrought'),
      text: `brings in ${list(found.names)}, which the text names`,
      any: found.names,
    },
    {
      weight: of('namesTouched'),
      text: `changes code in ${list(touched)}, which the text names`,
      any: touched,
    },
    {
      weight: of('brought') + of('prose') + of('code') + 0.5 * (of('line') + of('lineMean')),
      text: `shares ${quoted(found.content)} with the text`,
      any: found.content,
    },
    { weight: of('message'), text: `its message speaks of ${quoted(found.message)}`, any: found.message },
  ];
  return said
    .filter((one) => one.weight > 0.1 && (one.any?.length ?? 0) > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ weight, text }) => ({ weight, text }));
}
