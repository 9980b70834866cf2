import type { RiskFacts } from '../../domain/risk.ts';
import type { CacheTarget, Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { CacheSurvey } from '../../ports/cache-store.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { nameKeys } from './name-keys.ts';
import { whyNotAllowed } from './narrow-pattern.ts';
import { findCache, paramsSchema, recordBounds, unknownCache } from './schema.ts';

/** More than this in one plan cannot be judged on a card, nor removed in a few minutes. */
export const surveyBounds = { keys: 1_000_000, timeMs: 20_000, measureMs: 0 };
const measureMs = 500;

/** What a flush would remove, and what that does to those who ask the cache. Reads only. */
export async function previewFlush(
  { caches }: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a cache and a key pattern.');
  const { cache, pattern } = parsed.data;
  const target = findCache(service, cache);
  if (target === undefined) return impossible(unknownCache(service));
  const forbidden = whyNotAllowed(pattern, target.patterns);
  if (forbidden !== null) return impossible(forbidden);
  let survey: CacheSurvey;
  try {
    survey = await caches.survey(target, pattern, { ...surveyBounds, measureMs }, signal);
  } catch (error) {
    if (error instanceof WarroomError && !error.retryable)
      return impossible(`${error.message} ${error.hint}`);
    throw error;
  }
  if (survey.keys === 0) return impossible(`no key of cache ${cache} matches ${pattern}: nothing to flush.`);
  if (!survey.complete) {
    return impossible(
      `more keys match ${pattern} than can be looked through for one plan (${count(survey.keys)} and more). Narrow it.`,
    );
  }
  const mostKeys = survey.keys * 2 + 1_000;
  return {
    possible: true,
    facts: factsOf(survey),
    planned: {
      kind: 'flush-cache',
      service: service.name,
      params: { cache, pattern },
      pins: { server: survey.server, mostKeys: String(mostKeys) },
      preview: {
        summary: `Flush ${count(survey.keys)} keys of cache ${cache} that match ${pattern} (${percent(shareOf(survey))} of its ${count(survey.totalKeys)} keys).`,
        diff: commandsOf(target, pattern, mostKeys),
        measured: null,
        notes: notesOn(survey, mostKeys),
        undo: undoText(survey),
      },
    },
  };
}

function factsOf(survey: CacheSurvey): RiskFacts {
  const share = shareOf(survey);
  const low = share <= 0.1 && survey.keys <= 10_000;
  return {
    base: low ? 'low' : share <= 0.5 ? 'medium' : 'high',
    reasons: [
      `removes ${count(survey.keys)} of ${count(survey.totalKeys)} keys (${percent(share)} of the cache)`,
    ],
    reversible: isRecordedWhole(survey) ? 'exact' : 'partial',
  };
}

/** What was looked at closely stands for the rest, with a margin of two where there is a rest. */
function isRecordedWhole({ keys, looked, evicts }: CacheSurvey): boolean {
  if (evicts || keys > recordBounds.keys || looked.keys === 0) return false;
  const margin = looked.keys >= keys ? 1 : 2;
  return (
    (looked.bytes / looked.keys) * keys * margin <= recordBounds.bytes &&
    looked.largestBytes * margin <= recordBounds.bytesOfOne
  );
}

function commandsOf(target: CacheTarget, pattern: string, mostKeys: number): string {
  return [
    `# Redis of cache ${target.name}`,
    `SCAN 0 MATCH ${pattern} COUNT 1000`,
    `DUMP, PTTL → HSET warroom:undo:…   # up to ${count(recordBounds.keys)} keys and ${size(recordBounds.bytes)}, kept ${recordBounds.seconds} s`,
    `UNLINK each key found               # at most ${count(mostKeys)}`,
  ].join('\n');
}

function notesOn(survey: CacheSurvey, mostKeys: number): string[] {
  const { looked, sample } = survey;
  const notes = [`Among them: ${nameKeys(sample)}.`];
  if (looked.keys > 0) {
    const bytes = (looked.bytes / looked.keys) * survey.keys;
    notes.push(
      `They take about ${size(bytes)} (of ${count(looked.keys)} looked at, the largest has ${size(looked.largestBytes)}); the values that are recorded keep their memory for an hour.`,
    );
    const median =
      looked.medianSecondsLeft === null ? '' : ` The others end in ${looked.medianSecondsLeft} s (median).`;
    notes.push(
      `${count(looked.lasting)} of ${count(looked.keys)} looked at never expire by themselves.${median}`,
    );
  }
  notes.push(expectedLoad(survey));
  notes.push(
    `The plan is void when more than ${count(mostKeys)} keys match, or the server was restarted, by then.`,
  );
  return notes;
}

function expectedLoad(survey: CacheSurvey): string {
  const { lookups } = survey;
  if (lookups === null) {
    return 'No look-ups were seen on the server while it was measured: the load that follows cannot be told.';
  }
  const hits = lookups.hitsPerSecond;
  return `Now ${rate(hits)} look-ups a second hit (${percent(lookups.hitRate)}). If they are spread evenly, ${rate(hits * shareOf(survey))} a second will miss until the keys are filled again; at most ${rate(hits)}.`;
}

function undoText(survey: CacheSurvey): string {
  const fresh = 'keys that the service has filled anew stay as they are.';
  if (isRecordedWhole(survey))
    return `Within an hour all recorded values can be brought back with the time they had left; ${fresh}`;
  const why = survey.evicts
    ? 'The server throws keys away when its memory is full, the record among them'
    : `Only ${count(recordBounds.keys)} keys, ${size(recordBounds.bytes)} and no value above ${size(recordBounds.bytesOfOne)} are recorded`;
  return `In part: ${why}. What is recorded can be brought back within an hour, the rest only by the service; ${fresh}`;
}

function shareOf({ keys, totalKeys }: CacheSurvey): number {
  return totalKeys === 0 ? 1 : Math.min(1, keys / totalKeys);
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function rate(perSecond: number): string {
  return count(perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond));
}

export function size(bytes: number): string {
  if (bytes < 1_024) return `${Math.round(bytes)} B`;
  if (bytes < 1_048_576) return `${Math.round(bytes / 1_024)} KB`;
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}
