import type { CacheEmptied, CacheRecord, CacheRestored } from '../../ports/cache-store.ts';
import type { CacheServer } from './connection.ts';
import { compareRecord, countMarked, removeMarked, restorePage } from './scripts.ts';

const sampleSize = 10;
/** How long it is remembered which keys were brought back. */
const markSeconds = 3_600;
/** Larger values were never recorded; looking at one would hold up the server. */
const largestOfOurs = 1024 * 1024;

export async function readRecord(
  { client, runId }: CacheServer,
  record: string,
): Promise<CacheRecord | null> {
  const [pattern, madeAt, keys, bytes] = await client.hmget(
    record,
    'm:pattern',
    'm:made-at',
    'm:recorded',
    'm:bytes',
  );
  // PTTL: the one of the two that the role needs anyway
  const secondsLeft = Math.round((await client.pttl(record)) / 1000);
  if (pattern == null || madeAt == null) return null;
  let [missing, present, expired] = [0, 0, 0];
  const sample: string[] = [];
  await eachPage(async (cursor) => {
    const wanted = sampleSize - sample.length;
    const page = (await client.eval(compareRecord, 1, record, cursor, wanted)) as [
      string,
      number,
      number,
      number,
      string[],
    ];
    missing += page[1];
    present += page[2];
    expired += page[3];
    sample.push(...page[4]);
    return page[0];
  });
  return {
    server: runId,
    pattern,
    madeAt,
    keys: Number(keys ?? 0),
    bytes: Number(bytes ?? 0),
    missing,
    present,
    expired,
    secondsLeft,
    sample,
  };
}

export async function restoreRecord(
  { client }: CacheServer,
  { record, mark }: { record: string; mark: string },
): Promise<CacheRestored | null> {
  if ((await client.exists(record)) === 0) {
    // an earlier try may have ended just before the record's time did
    const restored = await client.hget(mark, 'm:restored');
    return restored === null ? null : { restored: Number(restored), present: 0, expired: 0 };
  }
  let [present, expired] = [0, 0];
  await eachPage(async (cursor) => {
    const page = (await client.eval(restorePage, 2, record, mark, cursor, markSeconds)) as [
      string,
      number,
      number,
    ];
    present += page[1];
    expired += page[2];
    return page[0];
  });
  return { restored: Number((await client.hget(mark, 'm:restored')) ?? 0), present, expired };
}

export async function readMark(
  { client }: CacheServer,
  mark: string,
): Promise<{ restored: number; present: number } | null> {
  const restored = await client.hget(mark, 'm:restored');
  if (restored === null) return null;
  let present = 0;
  await eachPage(async (cursor) => {
    const page = (await client.eval(countMarked, 1, mark, cursor)) as [string, number];
    present += page[1];
    return page[0];
  });
  return { restored: Number(restored), present };
}

export async function removeRestored({ client }: CacheServer, mark: string): Promise<CacheEmptied | null> {
  if ((await client.exists(mark)) === 0) return null;
  await eachPage(
    async (cursor) => ((await client.eval(removeMarked, 1, mark, cursor, largestOfOurs)) as [string])[0],
  );
  const [removed, changed] = await client.hmget(mark, 'm:removed', 'm:changed');
  return { removed: Number(removed ?? 0), changed: Number(changed ?? 0) };
}

async function eachPage(take: (cursor: string) => Promise<string>): Promise<void> {
  let cursor = '0';
  do cursor = await take(cursor);
  while (cursor !== '0');
}
