import type { RequestListener } from 'node:http';

const aheadMaxSeconds = 300;

/**
 * Bolt refuses a request whose signed timestamp is more than five minutes old; a signature from the future, kept for
 * later, it accepts. This refuses both that and a timestamp that is no number, before Bolt reads the body.
 */
export function refuseFutureRequests(
  listener: RequestListener,
  nowMs: () => number = Date.now,
): RequestListener {
  return (request, response) => {
    const stamp = request.headers['x-slack-request-timestamp'];
    if (stamp === undefined || isAcceptable(stamp, nowMs())) return listener(request, response);
    request.resume();
    response.writeHead(401).end();
  };
}

function isAcceptable(stamp: string | string[], nowMs: number): boolean {
  return (
    typeof stamp === 'string' && /^\d{1,12}$/.test(stamp) && Number(stamp) - nowMs / 1000 <= aheadMaxSeconds
  );
}
