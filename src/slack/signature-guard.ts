import type { IncomingHttpHeaders, RequestListener } from 'node:http';

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

/**
 * A signature covers a body and its time, not its content type: an event, which holds whatever people write, must not be
 * read as the form in which clicks come because somebody sends its signed bytes again under another name.
 */
export function isDisguised(request: {
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
}): boolean {
  const saysJson = request.headers['content-type']?.startsWith('application/json') === true;
  return !saysJson && /^\s*[{[]/.test(request.rawBody.subarray(0, 64).toString());
}

function isAcceptable(stamp: string | string[], nowMs: number): boolean {
  return (
    typeof stamp === 'string' && /^\d{1,12}$/.test(stamp) && Number(stamp) - nowMs / 1000 <= aheadMaxSeconds
  );
}
