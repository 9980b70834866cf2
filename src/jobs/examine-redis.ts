import { Redis } from 'ioredis';
import { hostOf, isInstalled, RedisUnavailable } from './redis.ts';

const timeoutMs = 5_000;

/**
 * Whether there is a Redis to carry the work; starts none.
 * @returns one sentence for a person
 * @throws RedisUnavailable
 */
export async function examineRedis(url: string | null): Promise<string> {
  if (url === null) {
    return (await isInstalled('redis-server'))
      ? 'a private redis-server starts with the bot (set REDIS_URL to share one)'
      : 'no redis-server on this machine: an npm stand-in will carry the work (install one, or set REDIS_URL)';
  }
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let why = '';
  client.on('error', (error) => {
    why ||= error.message;
  });
  try {
    await client.connect();
    await client.ping();
    return `Redis at ${hostOf(url)} answers`;
  } catch (cause) {
    const reason = why || (cause instanceof Error ? cause.message : String(cause));
    throw new RedisUnavailable(
      `Redis at ${hostOf(url)} gives no answer: ${reason}.`,
      'Check that it runs and that REDIS_URL (with user and password, if it asks for them) is right, or leave it empty for a private one.',
      { cause },
    );
  } finally {
    client.disconnect();
  }
}
