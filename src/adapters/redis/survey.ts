import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheSurvey, SurveyBounds } from '../../ports/cache-store.ts';
import type { CacheServer } from './connection.ts';
import { parseInfo } from './info.ts';
import { scanKeys } from './scan.ts';

const sampleSize = 10;
/** Keys whose memory and time to live are asked for. */
const lookedKeys = 200;

export async function surveyCache(
  { client, runId }: CacheServer,
  pattern: string,
  bounds: SurveyBounds,
  signal: AbortSignal,
): Promise<CacheSurvey> {
  const until = Date.now() + bounds.timeMs;
  const began = performance.now();
  const before = parseInfo(await client.info());
  const first: Buffer[] = [];
  let keys = 0;
  let complete = true;
  for await (const page of scanKeys(client, pattern)) {
    keys += page.length;
    first.push(...page.slice(0, lookedKeys - first.length));
    if (keys > bounds.keys || Date.now() > until) {
      complete = false;
      break;
    }
  }
  // only now: asking for the keys below would count as look-ups
  const rest = bounds.measureMs - (performance.now() - began);
  if (bounds.measureMs > 0 && rest > 0) await sleep(rest, undefined, { signal });
  const after = parseInfo(await client.info());
  return {
    server: runId,
    keys,
    complete,
    totalKeys: await client.dbsize(),
    sample: first.slice(0, sampleSize).map((key) => key.toString('utf8')),
    looked: await lookAt(client, first),
    lookups: bounds.measureMs > 0 ? rateOf(before, after, performance.now() - began) : null,
    evicts: after.get('maxmemory') !== '0' && after.get('maxmemory_policy') !== 'noeviction',
  };
}

async function lookAt(
  client: CacheServer['client'],
  keys: readonly Buffer[],
): Promise<CacheSurvey['looked']> {
  const asked = await Promise.all(
    keys.map((key) =>
      Promise.all([client.call('MEMORY', 'USAGE', key) as Promise<number | null>, client.pttl(key)]),
    ),
  );
  const there = asked.flatMap(([bytes, leftMs]) => (bytes === null ? [] : [{ bytes, leftMs }]));
  const left = there.flatMap(({ leftMs }) => (leftMs >= 0 ? [leftMs] : [])).sort((a, b) => a - b);
  const median = left[Math.floor(left.length / 2)];
  return {
    keys: there.length,
    bytes: there.reduce((sum, { bytes }) => sum + bytes, 0),
    largestBytes: there.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    lasting: there.filter(({ leftMs }) => leftMs === -1).length,
    medianSecondsLeft: median === undefined ? null : Math.round(median / 1000),
  };
}

function rateOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  elapsedMs: number,
): CacheSurvey['lookups'] {
  const grown = (field: string): number => Number(after.get(field) ?? 0) - Number(before.get(field) ?? 0);
  const hits = grown('keyspace_hits');
  const all = hits + grown('keyspace_misses');
  return all <= 0 ? null : { hitsPerSecond: (hits / elapsedMs) * 1000, hitRate: hits / all };
}
