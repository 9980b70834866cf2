import type { CacheTarget, Service } from '../../domain/service.ts';
import type { CacheRecord } from '../../ports/cache-store.ts';
import { whyNotAllowed } from '../flush-cache/narrow-pattern.ts';
import { findCache, unknownCache } from '../flush-cache/schema.ts';
import type { Tools } from '../tools.ts';

/** The record of an earlier flush that this service may be warmed from, or why there is none. */
export async function recordOf(
  { caches }: Tools,
  service: Service,
  { cache, from }: { cache: string; from: string },
  signal: AbortSignal,
): Promise<{ target: CacheTarget; record: CacheRecord } | string> {
  const target = findCache(service, cache);
  if (target === undefined) return unknownCache(service);
  const record = await caches.readRecord(target, from, signal);
  if (record === null) return `there is no record ${from}: it is kept for an hour after its flush.`;
  // another service may share the server
  const forbidden = whyNotAllowed(record.pattern, target.patterns);
  return forbidden === null ? { target, record } : `${from} is of other keys than ${forbidden}`;
}

export function pinOf({ madeAt, keys }: CacheRecord): string {
  return `${madeAt} ${keys}`;
}
