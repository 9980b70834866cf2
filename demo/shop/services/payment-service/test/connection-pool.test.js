import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createConnectionPool } from '../src/connection-pool.js';

test('never runs more calls at a time than there are connections', async () => {
  const pool = createConnectionPool({ settings: () => ({ maxConnections: 2, acquireTimeoutMs: 500 }) });
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await pause(5);
    running -= 1;
  };
  await Promise.all(Array.from({ length: 6 }, () => pool.use(work)));
  assert.equal(most, 2);
  assert.deepEqual(pool.stats(), { inUse: 0, waiting: 0 });
});

test('a caller that waits too long is told so, and a failing call gives its connection back', async () => {
  const pool = createConnectionPool({ settings: () => ({ maxConnections: 1, acquireTimeoutMs: 10 }) });
  const slow = pool.use(() => pause(40));
  await assert.rejects(
    pool.use(async () => {}),
    { code: 'POOL_TIMEOUT' },
  );
  await slow;
  await assert.rejects(
    pool.use(async () => {
      throw new Error('no');
    }),
    /no/,
  );
  assert.equal(await pool.use(async () => 'free'), 'free');
});
