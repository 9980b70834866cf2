import { createHmac } from 'node:crypto';

/** Slack gives an app three seconds to answer. */
const ACK_DEADLINE_MS = 3000;

export type Delivery =
  | { ok: true; status: number; body: string; headers: Headers }
  | {
      ok: false;
      reason: 'http_timeout' | 'http_error' | 'connection_failed' | 'no_events_url';
      status?: number;
    };

export interface AppConnection {
  setEventsUrl(url: string): void;
  hasEventsUrl(): boolean;
  /** Posts a signed body once. */
  post(body: string, contentType: string, headers?: Record<string, string>): Promise<Delivery>;
  /** Posts an event and repeats it, as Slack does, while the app does not answer 2xx in time. */
  postEvent(envelope: object): Promise<Delivery>;
  close(): void;
}

/** Slack's v0 signature of a request body; `timestampS` is in seconds. */
export function signBody(signingSecret: string, timestampS: number, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestampS}:${body}`).digest('hex')}`;
}

export function connectApp(options: {
  signingSecret: string;
  eventsUrl: string | undefined;
  eventRetryDelaysMs: readonly number[];
}): AppConnection {
  let eventsUrl = options.eventsUrl;
  const closing = new AbortController();

  async function post(
    body: string,
    contentType: string,
    headers: Record<string, string> = {},
  ): Promise<Delivery> {
    if (!eventsUrl) return { ok: false, reason: 'no_events_url' };
    const timestampS = Math.floor(Date.now() / 1000);
    try {
      const response = await fetch(eventsUrl, {
        method: 'POST',
        redirect: 'manual',
        body,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(ACK_DEADLINE_MS)]),
        headers: {
          'content-type': contentType,
          'user-agent': 'Slackbot 1.0 (local-slack)',
          'x-slack-request-timestamp': String(timestampS),
          'x-slack-signature': signBody(options.signingSecret, timestampS, body),
          ...headers,
        },
      });
      const text = await response.text();
      if (!response.ok) return { ok: false, reason: 'http_error', status: response.status };
      return { ok: true, status: response.status, body: text, headers: response.headers };
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      return { ok: false, reason: timedOut ? 'http_timeout' : 'connection_failed' };
    }
  }

  async function postEvent(envelope: object): Promise<Delivery> {
    const body = JSON.stringify(envelope);
    let delivery = await post(body, 'application/json');
    for (const [index, delayMs] of options.eventRetryDelaysMs.entries()) {
      if (delivery.ok || delivery.reason === 'no_events_url' || closing.signal.aborted) break;
      await pause(delayMs, closing.signal);
      delivery = await post(body, 'application/json', {
        'x-slack-retry-num': String(index + 1),
        'x-slack-retry-reason': delivery.reason,
      });
    }
    return delivery;
  }

  return {
    setEventsUrl: (url) => {
      eventsUrl = url;
    },
    hasEventsUrl: () => eventsUrl !== undefined,
    post,
    postEvent,
    close: () => closing.abort(),
  };
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, delayMs);
    timer.unref();
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
