import type { PerformCall } from './api-calls.ts';
import type { PlannedFaults } from './faults.ts';
import { isObject, type JsonObject, textOf } from './json-shapes.ts';
import type { SlackAnswer } from './workspace.ts';

/** One call the app made, for counting and for tests. */
export interface CallRecord {
  method: string;
  at: number;
  ok: boolean;
  /** The call named a thread. */
  threaded: boolean;
  error?: string;
}

const RECORDS_KEPT = 20_000;

/** The HTTP face of the Web API: who calls, what is broken today, then the call itself. */
export function createWebApi(options: {
  botToken: string;
  perform: PerformCall;
  faults: PlannedFaults;
  calls: CallRecord[];
  signal: AbortSignal;
}): (method: string, request: Request) => Promise<Response> {
  const { faults, calls } = options;

  function record(method: string, args: JsonObject, answer: SlackAnswer): void {
    const threaded = textOf(args['thread_ts']) !== '';
    calls.push({
      method,
      at: Date.now(),
      ok: answer.ok,
      threaded,
      ...(answer.error ? { error: answer.error } : {}),
    });
    if (calls.length > RECORDS_KEPT) calls.shift();
  }

  return async (method, request) => {
    const args = await readArguments(request);
    if (faults.isOut()) {
      await faults.untilBack(options.signal);
      record(method, args, { ok: false, error: 'service_unavailable' });
      return new Response('Service Unavailable', { status: 503 });
    }
    const planned = faults.take(method);
    if (planned?.kind === 'rate-limit') {
      record(method, args, { ok: false, error: 'ratelimited' });
      return Response.json(
        { ok: false, error: 'ratelimited' },
        { status: 429, headers: { 'retry-after': String(planned.retryAfterS) } },
      );
    }
    const answer = await answerCall(
      method,
      args,
      request,
      planned?.kind === 'refuse' ? planned.error : undefined,
    );
    record(method, args, answer);
    if (planned?.kind === 'lose-answer') return new Response('Service Unavailable', { status: 503 });
    return Response.json(answer);
  };

  async function answerCall(
    method: string,
    args: JsonObject,
    request: Request,
    refusal: string | undefined,
  ): Promise<SlackAnswer> {
    const token =
      (request.headers.get('authorization') ?? '').replace(/^Bearer\s+/i, '') || textOf(args.token);
    if (!token) return { ok: false, error: 'not_authed' };
    if (token !== options.botToken) return { ok: false, error: 'invalid_auth' };
    if (refusal) return { ok: false, error: refusal };
    const { token: _, ...rest } = args;
    return options.perform('app', method, rest);
  }
}

async function readArguments(request: Request): Promise<JsonObject> {
  const args: JsonObject = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === 'GET') return args;
  const type = request.headers.get('content-type') ?? '';
  if (type.includes('multipart/form-data')) {
    for (const [key, value] of await request.formData()) if (typeof value === 'string') args[key] = value;
    return args;
  }
  const body = await request.text();
  if (type.includes('application/json')) {
    try {
      const parsed: unknown = JSON.parse(body);
      return isObject(parsed) ? { ...args, ...parsed } : args;
    } catch {
      return args;
    }
  }
  return { ...args, ...Object.fromEntries(new URLSearchParams(body)) };
}
