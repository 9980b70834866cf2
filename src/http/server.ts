import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { WarroomError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { admit } from './authentication.ts';
import { readBody } from './request-body.ts';
import { errorReply, type HttpRequest, type Reply, type Route } from './route.ts';
import { createRouteTable, type Match } from './route-table.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Name of the setting that a person changes when the port is taken. */
  readonly portSetting: string;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Default 15 s. */
  readonly deadlineMs?: number;
  /** How long `close` waits for requests in flight before it cuts them off; default 10 s. */
  readonly drainMs?: number;
  /**
   * Gets what no route matches. Made for Bolt: build `new HTTPReceiver({ signingSecret, endpoints: ['/slack/events'] })`,
   * give it to `new App({ receiver })` (which calls `receiver.init`), pass `receiver.requestListener` here and never call
   * `app.start()`. That listener throws at once for a path that is not its own, which is answered 404 here.
   */
  readonly fallback?: RequestListener;
}

export interface HttpServer {
  /** Where this machine reaches it, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets requests in flight finish, then ends. */
  close(): Promise<void>;
}

/** The port cannot be listened on: taken, or not allowed. */
export class PortUnavailable extends WarroomError {
  readonly code = 'port_unavailable';
}

/** @throws PortUnavailable */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const table = createRouteTable(options.routes);
  const closing = new AbortController();
  const requests = options.metrics.counter(
    'warroom_http_requests_total',
    'HTTP requests by route and status.',
  );

  const server = createServer((request, response) => {
    const url = parseTarget(request.url ?? '/');
    const match: Match =
      url === undefined ? { kind: 'none' } : table.match(request.method ?? 'GET', url.pathname);
    if (match.kind === 'none' && options.fallback !== undefined && url !== undefined) {
      if (delegate(options.fallback, request, response)) return;
    }
    void answer(request, response, url, match, options, closing.signal)
      .then((reply) => {
        const route = match.kind === 'route' ? match.route.path : 'none';
        requests.add(1, { route, status: String(reply.status) });
        const hangUp = match.kind === 'route' && match.route.outage === 'hang-up';
        if (hangUp && reply.status >= 500) response.destroy();
        else send(request, response, reply, !server.listening);
      })
      .catch((error: unknown) => {
        // Only a client that went away in the middle of its body ends here.
        options.log.debug({ err: error, path: url?.pathname }, 'request broken off');
        response.destroy();
      });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 30_000;

  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () => drain(server, closing, options.drainMs ?? 10_000),
  };
}

function parseTarget(target: string): URL | undefined {
  return target.startsWith('/') ? (URL.parse(`http://warroom.invalid${target}`) ?? undefined) : undefined;
}

/** False when the listener said, by throwing at once, that the request is not its own. */
function delegate(listener: RequestListener, request: IncomingMessage, response: ServerResponse): boolean {
  try {
    listener(request, response);
    return true;
  } catch {
    return response.headersSent;
  }
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  url: URL | undefined,
  match: Match,
  options: HttpServerOptions,
  closing: AbortSignal,
): Promise<Reply> {
  if (url === undefined || match.kind === 'none')
    return errorReply(404, 'not_found', 'There is nothing at this address.', 'Check the path of the URL.');
  if (match.kind === 'other-method') {
    const allow = match.allowed.join(', ');
    return errorReply(405, 'wrong_method', `This address does not take ${message.method}.`, `Use ${allow}.`, {
      allow,
    });
  }

  const { route, params } = match;
  const admission = admit(route.access, {
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
  });
  if (!admission.admitted) {
    const challenge: Record<string, string> =
      route.access.kind === 'credentials' ? { 'www-authenticate': 'Bearer realm="warroom"' } : {};
    return errorReply(401, 'not_admitted', admission.message, admission.hint, challenge);
  }

  const maxBytes = route.maxBodyBytes ?? options.maxBodyBytes ?? 1 << 20;
  const body = await readBody(message, maxBytes);
  switch (body.kind) {
    case 'too-large':
      return errorReply(
        413,
        'too_large',
        `The body is larger than ${maxBytes} bytes (counted as sent and unpacked).`,
        'Send fewer entries per request.',
      );
    case 'broken':
      return errorReply(
        400,
        'broken_body',
        'The compressed body cannot be unpacked.',
        'Send gzip or plain bytes.',
      );
    case 'unknown-encoding':
      return errorReply(
        415,
        'unknown_encoding',
        `Content-Encoding ${body.encoding.slice(0, 40)} is not understood here.`,
        'Use gzip, deflate or none.',
      );
    case 'bytes':
      break;
    default:
      return body satisfies never;
  }

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const deadlineMs = route.deadlineMs ?? options.deadlineMs ?? 15_000;
  const signal = AbortSignal.any([closing, gone.signal, AbortSignal.timeout(deadlineMs)]);
  return handleInTime(
    route,
    {
      method: message.method ?? route.method,
      path: url.pathname,
      params,
      query: url.searchParams,
      headers: message.headers,
      body: body.bytes,
      signal,
    },
    options.log,
  );
}

async function handleInTime(route: Route, request: HttpRequest, log: Log): Promise<Reply> {
  const late = Promise.withResolvers<Reply>();
  const onAbort = (): void =>
    late.resolve(
      errorReply(503, 'deadline', 'Warroom could not answer in time.', 'Send the request again.', {
        'retry-after': '2',
      }),
    );
  request.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([Promise.resolve(route.handle(request)), late.promise]);
  } catch (error) {
    return replyToError(error, route, log);
  } finally {
    request.signal.removeEventListener('abort', onAbort);
  }
}

function replyToError(error: unknown, route: Route, log: Log): Reply {
  if (error instanceof WarroomError && error.retryable) {
    log.warn({ err: error, route: route.path, code: error.code }, 'request refused for now');
    return errorReply(503, error.code, error.message, error.hint, { 'retry-after': '2' });
  }
  log.error({ err: error, route: route.path }, 'request failed');
  return errorReply(
    500,
    'internal',
    'Warroom failed on this request.',
    "Its log says why; look for 'request failed'.",
  );
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply, last: boolean): void {
  if (response.destroyed) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : (reply.body ?? new Uint8Array());
  const headers: Record<string, string | number> = { 'x-content-type-options': 'nosniff', ...reply.headers };
  if (reply.status !== 204) headers['content-length'] = body.byteLength;
  if (last) headers['connection'] = 'close';
  response.writeHead(reply.status, headers);
  response.end(request.method === 'HEAD' || reply.status === 204 ? undefined : body);
}

async function listen(server: Server, options: HttpServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options.port, options.host, () => resolve());
  try {
    await promise;
  } catch (cause) {
    throw portError(cause, options);
  }
  server.off('error', reject);
  server.on('error', (error) => options.log.error({ err: error }, 'http server error'));
}

function portError(cause: unknown, { host, port, portSetting }: HttpServerOptions): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return new PortUnavailable(
      `Port ${port} on ${host} is already in use.`,
      `Stop the other program or set ${portSetting} to a free port.`,
      { cause },
    );
  if (code === 'EACCES')
    return new PortUnavailable(
      `This user may not listen on port ${port}.`,
      `Set ${portSetting} to a port above 1023.`,
      { cause },
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new PortUnavailable(
      `${host} is not an address of this machine.`,
      'Listen on 127.0.0.1, or on 0.0.0.0 for every address.',
      { cause },
    );
  return cause;
}

async function drain(server: Server, closing: AbortController, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const cutOff = setTimeout(() => {
    closing.abort();
    // One turn for the answers that the abort brings about.
    setTimeout(() => server.closeAllConnections(), 100);
  }, drainMs);
  try {
    await promise;
  } finally {
    clearTimeout(cutOff);
  }
}
