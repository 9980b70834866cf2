import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Session } from './session.ts';

const pollMs = 250;

/**
 * Holds the name until the session ends, against every other process that asks for it on this database. It asks again and
 * again rather than wait inside the server: a waiting statement keeps a snapshot, and a concurrent build waits for all of
 * those, so the two would wait for each other.
 */
export async function holdName(session: Session, name: string, signal: AbortSignal): Promise<void> {
  const key = createHash('sha256').update(`warroom index ${name}`).digest().readBigInt64BE().toString();
  for (;;) {
    const [answer] = await session.rows(
      z.object({ held: z.boolean() }),
      'select pg_try_advisory_lock($1::bigint) as held',
      [key],
    );
    if (answer?.held === true) return;
    await sleep(pollMs, undefined, { signal });
  }
}
