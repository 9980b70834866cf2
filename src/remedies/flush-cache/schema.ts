import { z } from 'zod';
import type { CacheTarget, Service } from '../../domain/service.ts';
import type { RecordBounds } from '../../ports/cache-store.ts';
import { readStored } from '../read-stored.ts';

/** Which keys of which cache. NFC, since canonical JSON would change other spellings. */
export const paramsSchema = z.strictObject({
  cache: z.string().min(1).max(63),
  pattern: z
    .string()
    .min(1)
    .max(200)
    .refine((pattern) => pattern === pattern.normalize('NFC')),
});

const pinsSchema = z.strictObject({
  /** The server's process. */
  server: z.string(),
  /** Keys come and go all the time; many more than were shown make it another plan. */
  mostKeys: z.string().regex(/^\d+$/),
});

const receiptSchema = z.object({
  version: z.literal(1),
  server: z.string(),
  record: z.string(),
  removed: z.number(),
  recorded: z.number(),
  complete: z.boolean(),
});

/** The record's own name comes with the receipt: it follows from the key of the effect. */
const inverseSchema = z.object({
  version: z.literal(1),
  how: z.literal('restore-the-record'),
  cache: z.string(),
});

const hint =
  'Let the service fill its cache again, or restore the keys by hand from the record in that Redis.';

export const readParams = (stored: unknown) =>
  readStored(paramsSchema, stored, 'parameters of a flush', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of a flush', hint);
export const readReceipt = (stored: unknown) => readStored(receiptSchema, stored, 'receipt of a flush', hint);
export const readInverse = (stored: unknown) => readStored(inverseSchema, stored, 'inverse of a flush', hint);

/** What of a flush can be brought back. Kept by the cache's own server, so it must be small for any server. */
export const recordBounds: RecordBounds = {
  keys: 10_000,
  bytes: 32 * 1024 * 1024,
  bytesOfOne: 128 * 1024,
  seconds: 3_600,
};

export function findCache(service: Service, name: string): CacheTarget | undefined {
  return service.caches.find((cache) => cache.name === name);
}

export function unknownCache(service: Service): string {
  const names = service.caches.map((cache) => cache.name).join(', ');
  return `the catalogue has no such cache for ${service.name}; it has ${names || 'none'}.`;
}

/** One lock a cache, whichever keys: a flush and a warm-up of one server must not overlap. */
export function cacheTargets(service: Service, params: unknown): string[] {
  const { data } = z.object({ cache: z.string() }).safeParse(params);
  const target = findCache(service, data?.cache ?? '');
  return target === undefined ? [] : [`redis ${service.name}/${target.name}`];
}
