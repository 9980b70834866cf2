import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectRedis, type RedisConnection } from '../../src/jobs/redis.ts';
import { type Log, silentLog } from '../../src/platform/log.ts';
import { until } from '../support/server-process.ts';

let folder: string;
let redis: RedisConnection | undefined;
const said: string[] = [];
const log: Log = { ...silentLog, warn: (_fields, message) => void said.push(message) };

beforeEach(async () => {
  said.length = 0;
  folder = await mkdtemp(path.join(os.tmpdir(), 'warroom-redis-test-'));
});
afterEach(async () => {
  await redis?.close();
  redis = undefined;
  await rm(folder, { recursive: true, force: true });
});

it('a private Redis starts without a word', async () => {
  redis = await connectRedis(null, folder, log);

  expect(redis.engine).toBe('private redis-server');
  expect(await redis.client.ping()).toBe('PONG');
  expect(said).toEqual([]);
});

it('a private Redis that dies is told, once', async () => {
  redis = await connectRedis(null, folder, log);
  const pid = /process_id:(\d+)/.exec(await redis.client.info('server'))?.[1];
  let attempts = 0;
  redis.client.on('reconnecting', () => {
    attempts += 1;
  });

  execFileSync('kill', ['-9', pid ?? 'unknown']);
  await until('the log', () => said.length > 0);
  await until('some attempts to connect', () => attempts >= 4);

  expect(said).toEqual(['Redis is away; work waits, nothing is lost']);
});
