import http from 'node:http';
import { HttpError } from './errors.js';

const MAX_BODY_BYTES = 64 * 1024;

/** Routes are `{ method, path, handle }`; `handle` returns `{ status, body }` or throws an HttpError. */
export function createHttpServer({ routes, telemetry, log }) {
  const table = routes.map((route) => ({ ...route, segments: route.path.split('/') }));

  return http.createServer((request, response) => {
    const url = new URL(request.url, 'http://service');
    if (url.pathname === '/health') return void answer(response, 200, { status: 'ok' });
    if (url.pathname === '/metrics') return void sendMetrics(response, telemetry);

    const match = findRoute(table, request.method, url.pathname);
    const route = match?.route.path ?? 'unmatched';
    void telemetry.observeRequest(
      { method: request.method, route, headers: request.headers },
      async (span) => {
        const { status, body } = await runHandler({ request, url, match, log, span });
        answer(response, status, body);
        return status;
      },
    );
  });
}

async function runHandler({ request, url, match, log, span }) {
  const about = { method: request.method, route: match?.route.path ?? url.pathname };
  try {
    if (!match) throw new HttpError(404, 'NOT_FOUND', `no such route: ${request.method} ${url.pathname}`);
    const body = await readBody(request);
    return await match.route.handle({
      params: match.params,
      query: url.searchParams,
      headers: request.headers,
      body,
    });
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500;
    span.fail(error, status);
    const fields = { ...about, status, ...error.details };
    if (status >= 500) log.error('request failed', { ...fields, error });
    else log.warn('request refused', { ...fields, error_code: error.code, error: String(error.message) });
    return {
      status,
      body: { code: error.code ?? 'INTERNAL', message: status === 500 ? 'internal error' : error.message },
    };
  }
}

export function findRoute(table, method, pathname) {
  const parts = pathname.split('/');
  for (const route of table) {
    if (route.method !== method || route.segments.length !== parts.length) continue;
    const params = {};
    const fits = route.segments.every((segment, i) => {
      if (!segment.startsWith(':')) return segment === parts[i];
      params[segment.slice(1)] = decodeURIComponent(parts[i]);
      return parts[i] !== '';
    });
    if (fits) return { route, params };
  }
  return undefined;
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, 'BODY_TOO_LARGE', 'request body is over 64 kB');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'BAD_JSON', 'request body is not valid JSON');
  }
}

function answer(response, status, body) {
  if (response.destroyed) return;
  const payload = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
  });
  response.end(payload);
}

async function sendMetrics(response, telemetry) {
  try {
    const { contentType, text } = await telemetry.metrics();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}
