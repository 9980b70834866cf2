import { type Logger, LogLevel } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Log } from '../platform/log.ts';

/** One call's time limit; shorter than the lease of an outbox entry, so that two processes never post the same one. */
export const callTimeoutMs = 8_000;

/** No retries of its own: the outbox keeps order and waits, a click is answered at once. */
export function webClientOptions(apiUrl: string | null, log: Log): WebClientOptions {
  return {
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callTimeoutMs,
    logger: slackLogger(log),
  };
}

export function createWebClient(botToken: string, apiUrl: string | null, log: Log): WebClient {
  return new WebClient(botToken, webClientOptions(apiUrl, log));
}

/** Slack's own chatter is for finding faults in Slack, so it sinks one level. */
export function slackLogger(log: Log): Logger {
  return {
    debug: () => undefined,
    info: (...words: unknown[]) => log.debug({ slack: words.map(String).join(' ') }, 'slack library'),
    warn: (...words: unknown[]) => log.debug({ slack: words.map(String).join(' ') }, 'slack library warns'),
    error: (...words: unknown[]) =>
      log.warn({ slack: words.map(String).join(' ') }, 'slack library reports an error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
