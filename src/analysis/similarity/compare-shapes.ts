import type { IncidentShape } from '../../domain/past-incident.ts';
import { type Feature, type FeatureType, featuresOf, wordsOfTemplate } from './shape-features.ts';

export interface ShapeComparison {
  /** 0–1: how much of what is known of the one is seen in the other. */
  readonly score: number;
  /** They share something that few incidents have: a log line, an error, a call, a setting. */
  readonly telling: boolean;
  /** Strongest first. */
  readonly why: readonly string[];
}

/** What a type says when it agrees; a service alone has many kinds of trouble. */
const weightOf: Readonly<Record<FeatureType, number>> = {
  log: 3,
  error: 1.6,
  setting: 1.6,
  edge: 1.2,
  blamed: 1.2,
  alert: 1,
  symptom: 1,
  service: 0.6,
  change: 0.3,
};

/** What one side does not know neither agrees nor contradicts: it counts this much. */
const unknownShare = 0.35;
const sameTemplateFrom = 0.55;
const tellingTypes: ReadonlySet<FeatureType> = new Set(['log', 'error', 'setting', 'edge']);
const tellingFrom = 0.45;
const mostWhy = 4;

/** @param rarityOf of a feature's key, 0–1 */
export function compareShapes(
  asked: readonly Feature[],
  past: IncidentShape,
  rarityOf: (key: string) => number,
): ShapeComparison {
  const known = Map.groupBy(featuresOf(past), (feature) => feature.type);
  let weight = 0;
  let agreed = 0;
  const shared: { feature: Feature; match: number; strength: number }[] = [];
  for (const [type, features] of Map.groupBy(asked, (feature) => feature.type)) {
    const others = known.get(type) ?? [];
    weight += weightOf[type] * (others.length === 0 ? unknownShare : 1);
    const matches = features.map((feature) => {
      const match = matchOf(feature, others);
      return { feature, match, rare: 0.25 + 0.75 * rarityOf(feature.key) };
    });
    const whole = matches.reduce((sum, one) => sum + one.rare, 0);
    const coverage = matches.reduce((sum, one) => sum + one.rare * one.match, 0) / whole;
    const best = Math.max(...matches.map((one) => one.rare * one.match));
    agreed += weightOf[type] * (0.5 * coverage + 0.5 * best);
    for (const { feature, match, rare } of matches)
      if (match > 0) shared.push({ feature, match, strength: weightOf[type] * rare * match });
  }
  shared.sort((a, b) => b.strength - a.strength || (a.feature.key < b.feature.key ? -1 : 1));
  return {
    score: weight === 0 ? 0 : Math.min(1, agreed / weight),
    telling: shared.some(
      ({ feature, match }) =>
        tellingTypes.has(feature.type) && match * (0.25 + 0.75 * rarityOf(feature.key)) >= tellingFrom,
    ),
    why: sayShared(shared.map(({ feature }) => feature)),
  };
}

/** 1 for the same; log lines of two versions of a program are alike before they are equal. */
function matchOf(feature: Feature, others: readonly Feature[]): number {
  if (others.some((other) => other.key === feature.key)) return 1;
  if (feature.type !== 'log') return 0;
  const words = new Set(wordsOfTemplate(feature.text));
  const likeness = Math.max(
    0,
    ...others.map((other) => jaccard(words, new Set(wordsOfTemplate(other.text)))),
  );
  return likeness >= sameTemplateFrom ? likeness : 0;
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = a.intersection(b).size;
  return both === 0 ? 0 : both / (a.size + b.size - both);
}

function sayShared(shared: readonly Feature[]): string[] {
  const of = (type: FeatureType): string[] =>
    shared.filter((one) => one.type === type).map((one) => one.text);
  const [service] = of('blamed');
  const symptoms = of('symptom');
  const said: string[] = [];
  let told = false;
  for (const { type, text } of shared) {
    if (type === 'log') said.push(`same log line “${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`);
    else if (type === 'error') said.push(`same error ${text}`);
    else if (type === 'setting') said.push(`same setting ${text}`);
    else if (type === 'edge') said.push(`same failing call ${text}`);
    else if (type === 'alert') said.push(`same alert ${text}`);
    else if ((type === 'blamed' || type === 'symptom') && !told) {
      told = true;
      if (service !== undefined && symptoms.length > 0)
        said.push(`same service and symptom (${service}, ${symptoms.slice(0, 2).join(', ')})`);
      else if (service === undefined) said.push(`same symptom (${symptoms.slice(0, 2).join(', ')})`);
      else said.push(`same service (${service})`);
    }
  }
  return said.slice(0, mostWhy);
}
