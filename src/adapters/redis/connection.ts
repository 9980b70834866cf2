import { Redis } from 'ioredis';
import type { CacheTarget } from '../../domain/service.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { parseInfo } from './info.ts';

const connectTimeoutMs = 5_000;
const commandTimeoutMs = 15_000;

export interface CacheServer {
  readonly client: Redis;
  /** Changes when the server's process does. */
  readonly runId: string;
}

/**
 * One connection for one call. No retry of its own: whoever asked knows whether asking again is safe.
 * @throws SourceUnreachable, SourceRefused, SecretMissing, or the caller's own reason
 */
export async function withCache<T>(
  secrets: Secrets,
  target: CacheTarget,
  signal: AbortSignal,
  work: (server: CacheServer) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = new Redis(await readAddress(secrets, target), {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // the pending call says only that the connection is closed
  let whyClosed: Error | null = null;
  client.on('error', (error: Error) => {
    whyClosed ??= error;
  });
  const stop = (): void => client.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    const server = parseInfo(await client.info());
    if (server.get('cluster_enabled') === '1') {
      throw new SourceRefused(
        `Cache ${target.name} is a Redis Cluster: one connection sees only a part of its keys.`,
        'Flush it with the tools of the cluster; Warroom acts on single servers.',
      );
    }
    if (server.get('role') !== 'master') {
      throw new SourceRefused(
        `Cache ${target.name} is a replica: what is removed there comes back.`,
        'Name the primary in the catalogue.',
      );
    }
    return await work({ client, runId: server.get('run_id') ?? '' });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceRefused) throw error;
    throw asSourceError(redisCode(error) === null ? (whyClosed ?? error) : error, target);
  } finally {
    signal.removeEventListener('abort', stop);
    client.disconnect();
  }
}

async function readAddress(secrets: Secrets, target: CacheTarget): Promise<string> {
  const address = await secrets.read(target.url);
  const isRedis =
    URL.canParse(address) && /^rediss?:$/.test(new URL(address).protocol) && new URL(address).hostname !== '';
  if (isRedis) return address;
  throw new SourceRefused(
    `The address of cache ${target.name} is not a redis:// or rediss:// URL.`,
    `Correct it in ${placeOf(target)}.`,
  );
}

/** First word of Redis's answer; null when the error is not an answer. */
export function redisCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  // older servers wrap what a script met: ERR Error running script (…): …: -OOM command not allowed …
  return (
    /^ERR Error running script.*?-([A-Z]+) /.exec(error.message)?.[1] ??
    /^[A-Z]+/.exec(error.message)?.[0] ??
    ''
  );
}

const passing = new Set(['LOADING', 'BUSY', 'MASTERDOWN', 'TRYAGAIN', 'CLUSTERDOWN']);
const notAdmitted = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM']);

/** The driver's error is not kept: it carries the command's arguments, a password or a customer's value among them. */
function asSourceError(error: unknown, target: CacheTarget): unknown {
  const code = redisCode(error);
  const name = `Cache ${target.name}`;
  if (code === null) {
    // a fault of our own is none of the server's
    if (!(error instanceof Error) || error instanceof TypeError) return error;
    const detail = 'code' in error ? ` (${String(error.code)})` : '';
    return new SourceUnreachable(
      `${name} gave no answer${detail}.`,
      `Check that the server in ${placeOf(target)} is up and reachable from Warroom.`,
    );
  }
  if (passing.has(code)) {
    return new SourceUnreachable(`${name} cannot answer now (${code}).`, 'It is tried again.');
  }
  if (notAdmitted.has(code)) {
    return new SourceRefused(
      `${name} does not admit Warroom (${code}).`,
      `Check the credentials in ${placeOf(target)}. The role needs the key patterns of the catalogue and warroom:undo:*, and +info +dbsize +scan +eval +dump +restore +unlink +exists +pttl +memory|usage +time +@hash +expire.`,
    );
  }
  if (code === 'OOM') {
    return new SourceRefused(`${name} is full (OOM).`, 'Make room in it, or raise its maxmemory.');
  }
  return new SourceRefused(`${name} refused a command (${code}).`, 'Look into the log of the Redis server.');
}

function placeOf({ url }: CacheTarget): string {
  return 'env' in url ? `the environment variable ${url.env}` : `the file ${url.file}`;
}
