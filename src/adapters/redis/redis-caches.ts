import type { CacheStore } from '../../ports/cache-store.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { withCache } from './connection.ts';
import { flushCache } from './flush.ts';
import { readMark, readRecord, removeRestored, restoreRecord } from './restore.ts';
import { surveyCache } from './survey.ts';

/** Caches on single Redis servers (5 or newer). */
export function createRedisCaches(secrets: Secrets): CacheStore {
  return {
    survey: (target, pattern, bounds, signal) =>
      withCache(secrets, target, signal, (server) => surveyCache(server, pattern, bounds, signal)),
    flush: (target, flush, signal) =>
      withCache(secrets, target, signal, (server) => flushCache(server, flush)),
    readRecord: (target, record, signal) =>
      withCache(secrets, target, signal, (server) => readRecord(server, record)),
    restore: (target, order, signal) =>
      withCache(secrets, target, signal, (server) => restoreRecord(server, order)),
    readMark: (target, mark, signal) =>
      withCache(secrets, target, signal, (server) => readMark(server, mark)),
    removeRestored: (target, mark, signal) =>
      withCache(secrets, target, signal, (server) => removeRestored(server, mark)),
  };
}
