import { setTimeout as sleep } from 'node:timers/promises';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';

const waitsMs = [500, 1_500] as const;
/** A longer wait than this is not worth it in a room full of people: the evidence engine speaks meanwhile. */
const longestWaitMs = 15_000;
const networkCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT']);

/** Three attempts, over what passes by itself: overload, rate limits, a connection that was lost. */
export async function withRetries<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of waitsMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      const toWaitMs = askedWaitMs(error) ?? waitMs * (1 + Math.random() / 2);
      if (toWaitMs > longestWaitMs) throw error;
      await sleep(toWaitMs, undefined, { signal });
    }
  }
  return attempt();
}

/** The connection was lost while the answer came: the SDK passes on what `fetch` threw. */
export function isCut(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    networkCodes.has(String(error.cause.code))
  );
}

function mayPass(error: unknown): boolean {
  if (isCut(error)) return true;
  if (!(error instanceof APIError) || error instanceof APIUserAbortError) return false;
  if (error instanceof APIConnectionTimeoutError) return false;
  if (error instanceof APIConnectionError) return true;
  if (error.headers?.get('x-should-retry') === 'false') return false;
  // A rate limit says when to come back; a spend limit does not, and asking again is in vain.
  if (error.status === 429) return askedWaitMs(error) !== null;
  return error.status === 408 || error.status === 409 || (error.status ?? 0) >= 500;
}

/** What `retry-after` says, in milliseconds; null without one. */
export function askedWaitMs(error: unknown): number | null {
  if (!(error instanceof APIError)) return null;
  const ms = Number(error.headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const after = error.headers?.get('retry-after') ?? null;
  if (after === null) return null;
  const seconds = Number(after);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
}
