import type { Redis } from 'ioredis';
import type { CacheFlush, CacheFlushed } from '../../ports/cache-store.ts';
import { type CacheServer, redisCode } from './connection.ts';
import { scanKeys } from './scan.ts';
import { recordAndRemove } from './scripts.ts';

/** The server does nothing else while a batch runs. */
const batchSize = 100;

/** Each batch is recorded, removed and counted at once, so a crash between two of them loses nothing. */
export async function flushCache({ client }: CacheServer, flush: CacheFlush): Promise<CacheFlushed> {
  const { record } = flush;
  const { done, ...earlier } = await readCounts(client, record);
  if (done !== null) return { ...earlier, complete: done === 'complete' };

  await begin(client, flush);
  let removed = earlier.removed;
  let uncounted = 0;
  let complete = true;
  scan: for await (const page of scanKeys(client, flush.pattern)) {
    for (let at = 0; at < page.length; at += batchSize) {
      const room = flush.mostKeys - removed;
      if (room <= 0) {
        complete = false;
        break scan;
      }
      const keys = page.slice(at, at + Math.min(batchSize, room));
      const gone = await removeBatch(client, flush, keys, uncounted);
      uncounted = gone.counted ? 0 : uncounted + gone.removed;
      removed += gone.removed;
    }
  }
  const counts = await finish(client, flush, uncounted, complete);
  return counts ?? { removed, recorded: 0, recordedBytes: 0, complete };
}

async function begin(client: Redis, { record, pattern, recordBounds }: CacheFlush): Promise<void> {
  await refusedWhenFull(async () => {
    await client.hsetnx(record, 'm:pattern', pattern);
    await client.hsetnx(record, 'm:made-at', new Date().toISOString());
    await client.expire(record, recordBounds.seconds);
  });
}

/** A full server takes no record, and flushing is what makes room in it: then the keys go unrecorded. */
async function removeBatch(
  client: Redis,
  { record, recordBounds }: CacheFlush,
  keys: readonly Buffer[],
  uncounted: number,
): Promise<{ removed: number; counted: boolean }> {
  const { keys: mostKeys, bytes, bytesOfOne, seconds } = recordBounds;
  const removed = await refusedWhenFull(
    () =>
      client.eval(
        recordAndRemove,
        keys.length + 1,
        record,
        ...keys,
        mostKeys,
        bytes,
        bytesOfOne,
        seconds,
        uncounted,
      ) as Promise<number>,
  );
  return removed === null
    ? { removed: await client.unlink(...keys), counted: false }
    : { removed, counted: true };
}

async function finish(
  client: Redis,
  { record, recordBounds }: CacheFlush,
  uncounted: number,
  complete: boolean,
): Promise<CacheFlushed | null> {
  const counts = await refusedWhenFull(async () => {
    await client.hincrby(record, 'm:removed', uncounted);
    await client.hset(record, 'm:done', complete ? 'complete' : 'stopped');
    await client.expire(record, recordBounds.seconds);
    const { done: _, ...rest } = await readCounts(client, record);
    return rest;
  });
  return counts === null ? null : { ...counts, complete };
}

async function readCounts(
  client: Redis,
  record: string,
): Promise<{ removed: number; recorded: number; recordedBytes: number; done: string | null }> {
  const [removed, recorded, bytes, done = null] = await client.hmget(
    record,
    'm:removed',
    'm:recorded',
    'm:bytes',
    'm:done',
  );
  return {
    removed: Number(removed ?? 0),
    recorded: Number(recorded ?? 0),
    recordedBytes: Number(bytes ?? 0),
    done,
  };
}

async function refusedWhenFull<T>(write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (error) {
    if (redisCode(error) === 'OOM') return null;
    throw error;
  }
}
