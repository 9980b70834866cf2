import { Redis } from 'ioredis';
import { createRedisCaches } from '../../src/adapters/redis/redis-caches.ts';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';
import type { Service } from '../../src/domain/service.ts';
import type { CacheStore } from '../../src/ports/cache-store.ts';
import { aService } from './builders.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { startRedis } from './redis.ts';

export const cachePassword = 'correct-horse-battery-staple';

/** A real, password-protected Redis as a service's cache, and a connection of the test's own to it. */
export interface CacheHouse {
  readonly direct: Redis;
  readonly proxy: CuttingProxy;
  readonly caches: CacheStore;
  readonly service: Service;
  /** How often a command ran since the statistics were reset. */
  calls(command: string): Promise<number>;
  /** Everything but what Warroom keeps, with values, and whether it expires. */
  look(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function startCacheHouse(): Promise<CacheHouse> {
  const server = await startRedis();
  const direct = new Redis(server.url);
  await direct.call('ACL', 'SETUSER', 'warroom', 'on', `>${cachePassword}`, 'allkeys', 'allcommands');
  await direct.call('ACL', 'SETUSER', 'default', 'resetkeys', 'allkeys');
  const proxy = await startCuttingProxy({ port: Number(new URL(server.url).port) });
  const secrets = createSecrets({ CACHE_URL: `redis://warroom:${cachePassword}@127.0.0.1:${proxy.port}/0` });
  return {
    direct,
    proxy,
    caches: createRedisCaches(secrets),
    service: aService({
      name: 'orders',
      caches: [{ name: 'sessions', url: { env: 'CACHE_URL' }, patterns: ['session:*', 'cart:*:items'] }],
    }),
    async calls(command) {
      const stats = await direct.info('commandstats');
      return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    },
    async look() {
      const keys = (await direct.keys('*')).filter((key) => !key.startsWith('warroom:')).sort();
      const seen: Record<string, unknown> = {};
      for (const key of keys) {
        seen[key] = [(await direct.dumpBuffer(key))?.toString('hex'), (await direct.pttl(key)) > 0];
      }
      return seen;
    },
    async stop() {
      await proxy.stop();
      direct.disconnect();
      await server.stop();
    },
  };
}

/** Three keys of the pattern, of different types, and one that must stay. */
export async function fillCache({ direct }: CacheHouse): Promise<void> {
  await direct.flushall();
  await direct.set('session:1', 'Ada', 'EX', 500);
  await direct.hset('session:2', { name: 'Grace', cart: '7' });
  await direct.set(Buffer.from([...Buffer.from('session:'), 0xff, 0x00]), Buffer.from([0, 1, 255]));
  await direct.set('price:1', '10');
}
