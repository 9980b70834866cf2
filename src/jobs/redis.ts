import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { WarroomError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';

export class RedisUnavailable extends WarroomError {
  readonly code = 'redis_unavailable';
  override readonly retryable = true;
}

export interface RedisConnection {
  readonly client: Redis;
  /** Which engine carries the work, for the log and `doctor`. */
  readonly engine: 'server' | 'private redis-server' | 'js-redis-server';
  close(): Promise<void>;
}

/**
 * The given server, else a private one that lives and dies with this process: `redis-server` on a socket in `dataDir`, or
 * the npm stand-in `js-redis-server` where there is none. Nothing is kept in it that rows can't make again.
 */
export async function connectRedis(url: string | null, dataDir: string, log: Log): Promise<RedisConnection> {
  if (url !== null) {
    const client = open(url, log);
    await firstAnswer(
      client,
      `Redis at ${hostOf(url)} gives no answer.`,
      'Check REDIS_URL, or leave it empty for a private one.',
    );
    return { client, engine: 'server', close: () => end(client) };
  }
  return (await startPrivateServer(dataDir, log)) ?? startStandIn(log);
}

async function startPrivateServer(dataDir: string, log: Log): Promise<RedisConnection | null> {
  await mkdir(dataDir, { recursive: true });
  // Socket paths are limited to about 100 bytes, so a deep data folder must not be part of it.
  const socket = path.join(
    process.platform === 'win32' ? dataDir : '/tmp',
    `warroom-redis-${process.pid}-${randomBytes(4).toString('hex')}.sock`,
  );
  const argv = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory-policy',
    'noeviction',
  ];
  if (!(await isInstalled('redis-server'))) return null;
  // The shell watches our end of its standard input: even a `kill -9` of this process closes it, and Redis goes too.
  const watched = 'redis-server "$@" & cat > /dev/null; kill $!; wait $!';
  const server = spawn('sh', ['-c', watched, 'sh', ...argv, '--dir', dataDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const client = open(socket, log, 'starting');
  await firstAnswer(
    client,
    'The private redis-server did not start.',
    'Run `redis-server` by hand to see why, or set REDIS_URL.',
  );
  return {
    client,
    engine: 'private redis-server',
    close: async () => {
      await end(client);
      if (server.exitCode === null && server.signalCode === null) {
        server.stdin.end();
        await once(server, 'exit');
      }
      await rm(socket, { force: true });
    },
  };
}

async function startStandIn(log: Log): Promise<RedisConnection> {
  log.warn({}, 'no redis-server on this machine: js-redis-server (an npm stand-in) carries the work');
  const { createRedisMock } = await import('js-redis-server');
  const standIn = await createRedisMock();
  const [address] = standIn.addresses();
  const client = open(`redis://${address?.host ?? '127.0.0.1'}:${address?.port}`, log);
  await firstAnswer(client, 'js-redis-server did not start.', 'Install redis-server, or set REDIS_URL.');
  return {
    client,
    engine: 'js-redis-server',
    close: async () => {
      await end(client);
      await standIn.close();
    },
  };
}

/** @param server `starting`: not to be there yet is no news. */
function open(target: string, log: Log, server: 'started' | 'starting' = 'started'): Redis {
  const client = new Redis(target, {
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    lazyConnect: false,
  });
  let told = server === 'starting';
  client.on('error', (error) => {
    if (told) return;
    told = true;
    log.warn({ err: error }, 'Redis is away; work waits, nothing is lost');
  });
  client.on('ready', () => {
    told = false;
  });
  return client;
}

async function firstAnswer(client: Redis, message: string, hint: string): Promise<void> {
  const answered = await Promise.race([
    client.ping().then(() => true),
    sleep(10_000, false, { ref: false }),
  ]).catch(() => false);
  if (answered) return;
  client.disconnect();
  throw new RedisUnavailable(message, hint);
}

async function end(client: Redis): Promise<void> {
  await client.quit().catch(() => client.disconnect());
}

export async function isInstalled(command: string): Promise<boolean> {
  const probe = spawn(command, ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.once('exit', (code) => resolve(code === 0));
  });
}

export function hostOf(url: string): string {
  return new URL(url).host;
}
