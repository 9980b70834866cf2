import type { IncidentShape } from '../../domain/past-incident.ts';
import { quiet } from './say-past.ts';
import { type Feature, type FeatureType, featuresOf, wordsOfTemplate } from './shape-features.ts';

export interface ShapeComparison {
  /** 0–1: how much of what is known of the one is seen in the other. */
  readonly score: number;
  /** The same place, and something in common that few incidents have: a log line, an error, a setting. */
  readonly telling: boolean;
  /** Strongest first. */
  readonly why: readonly string[];
}

/** What a type says when it agrees; a service alone has many kinds of trouble. */
const weightOf: Readonly<Record<FeatureType, number>> = {
  log: 3,
  blamed: 2.4,
  error: 1.6,
  setting: 1.6,
  edge: 1,
  symptom: 1,
  alert: 0.8,
  service: 0.4,
  change: 0.3,
};

/** What one side does not know neither agrees nor contradicts: it counts this much. */
const unknownShare = 0.35;
const sameTemplateFrom = 0.5;
const tellingTypes: ReadonlySet<FeatureType> = new Set(['log', 'error', 'setting']);
const tellingFrom = 0.2;
/** It began in a service that is involved now, though another one is suspected; or the other way round. */
const placeInvolved = 0.75;
const placeTouched = 0.3;
const samePlaceFrom = 0.7;
const mostWhy = 4;
const mostQuoted = 80;

interface Shared {
  readonly feature: Feature;
  readonly strength: number;
}

/** @param rarityOf of a feature's key, 0–1 */
export function compareShapes(
  asked: IncidentShape,
  past: IncidentShape,
  rarityOf: (key: string) => number,
): ShapeComparison {
  const known = Map.groupBy(featuresOf(past), (feature) => feature.type);
  // Twice as rare tells more than twice as much: a line that every tenth incident has is no trace.
  const rare = (feature: Feature): number => 0.05 + 0.95 * rarityOf(feature.key) ** 2;
  let weight = 0;
  let agreed = 0;
  let telling = false;
  const shared: Shared[] = [];
  for (const [type, features] of Map.groupBy(featuresOf(asked), (feature) => feature.type)) {
    if (type === 'blamed') continue;
    const others = known.get(type) ?? [];
    weight += weightOf[type] * (others.length === 0 ? unknownShare : 1);
    const matches = features.map((feature) => ({
      feature,
      match: matchOf(feature, others),
      rare: rare(feature),
    }));
    const whole = matches.reduce((sum, one) => sum + one.rare, 0);
    const coverage = matches.reduce((sum, one) => sum + one.rare * one.match, 0) / whole;
    // Types that tell by being rare; of the others it is enough that they agree.
    const best = Math.max(...matches.map((one) => one.match * (tellingTypes.has(type) ? one.rare : 1)));
    agreed += weightOf[type] * (0.6 * coverage + 0.4 * best);
    for (const one of matches) {
      if (one.match === 0) continue;
      shared.push({ feature: one.feature, strength: weightOf[type] * one.rare * one.match });
      if (tellingTypes.has(type) && one.match * one.rare >= tellingFrom) telling = true;
    }
  }
  const place = placeOf(asked, past);
  if (asked.blamed !== null || asked.services.length > 0) {
    weight += weightOf.blamed * (past.blamed === null ? unknownShare : 1);
    agreed += weightOf.blamed * place;
  }
  shared.sort((a, b) => b.strength - a.strength || (a.feature.key < b.feature.key ? -1 : 1));
  const features = shared.map(({ feature }) => feature);
  return {
    score: weight === 0 ? 0 : Math.min(1, agreed / weight),
    telling: telling && place >= samePlaceFrom,
    why: sayShared(features, place >= samePlaceFrom ? past.blamed : null),
  };
}

function placeOf(asked: IncidentShape, past: IncidentShape): number {
  if (past.blamed === null) return 0;
  if (past.blamed === asked.blamed) return 1;
  if (asked.services.includes(past.blamed)) return placeInvolved;
  return asked.blamed !== null && past.services.includes(asked.blamed) ? placeTouched : 0;
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

function sayShared(shared: readonly Feature[], place: string | null): string[] {
  const symptoms = shared.filter((one) => one.type === 'symptom').map((one) => one.text);
  const said = shared.flatMap(({ type, text }) => {
    if (type === 'log') return [`same log line “${quiet(text.replaceAll('<*>', '…'), mostQuoted)}”`];
    if (type === 'error') return [`same error ${quiet(text, mostQuoted)}`];
    if (type === 'setting') return [`same setting ${quiet(text, mostQuoted)}`];
    if (type === 'edge') return [`same failing call ${quiet(text, mostQuoted)}`];
    return type === 'alert' ? [`same alert ${quiet(text, mostQuoted)}`] : [];
  });
  const trouble = symptoms.slice(0, 2).join(', ');
  const where =
    place === null
      ? trouble === ''
        ? []
        : [`same symptom (${trouble})`]
      : [trouble === '' ? `same service (${place})` : `same service and symptom (${place}, ${trouble})`];
  // The strongest first, then where: after that the rest only confirms.
  return [...said.slice(0, 1), ...where, ...said.slice(1)].slice(0, mostWhy);
}
