import type { IncidentShape } from '../../domain/past-incident.ts';

export type FeatureType =
  | 'log'
  | 'error'
  | 'alert'
  | 'symptom'
  | 'blamed'
  | 'service'
  | 'edge'
  | 'setting'
  | 'change';

export interface Feature {
  readonly type: FeatureType;
  /** As it is compared. */
  readonly key: string;
  /** As people read it. */
  readonly text: string;
}

/** More log lines than this describe the noise around it. */
const mostLogs = 8;
const mostOfAType = 12;
const logKeyLength = 200;

/** The shape as a set of typed marks, each of which either stands in another incident's shape or does not. */
export function featuresOf(shape: IncidentShape): Feature[] {
  const of = (type: FeatureType, texts: readonly string[]): Feature[] =>
    [...new Map(texts.map((text) => [keyOf(type, text), text]))]
      .filter(([key]) => key !== '')
      .slice(0, type === 'log' ? mostLogs : mostOfAType)
      .map(([key, text]) => ({ type, key: `${type}:${key}`, text }));
  return [
    ...of('log', shape.logs),
    ...of('error', shape.errors),
    ...of('alert', shape.alerts),
    ...of('symptom', shape.symptoms),
    ...of('blamed', shape.blamed === null ? [] : [shape.blamed]),
    ...of('service', shape.services),
    ...of('edge', shape.edges),
    ...of('setting', shape.settings),
    ...of('change', shape.changes),
  ];
}

function keyOf(type: FeatureType, text: string): string {
  return type === 'log' ? wordsOfTemplate(text).join(' ').slice(0, logKeyLength) : text.trim().toLowerCase();
}

/** What stays of a template when its numbers and places are taken away. */
export function wordsOfTemplate(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => /\p{L}/u.test(word) && word.length > 1);
}
