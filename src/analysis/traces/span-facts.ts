import type { Span } from '../../ports/trace-source.ts';

const statusKeys = ['http.response.status_code', 'http.status_code', 'rpc.grpc.status_code', 'status_code'];
const peerKeys = [
  'peer.service',
  'server.address',
  'net.peer.name',
  'http.host',
  'url.full',
  'http.url',
  'db.system',
];

export function statusOf(span: Span): number | null {
  for (const key of statusKeys) {
    const value = Number(span.attributes[key]);
    if (Number.isInteger(value) && value > 0) return value;
  }
  return null;
}

export function isEntry(span: Span): boolean {
  return span.kind === 'server' || span.kind === 'consumer';
}

export function isCall(span: Span): boolean {
  return span.kind === 'client' || span.kind === 'producer';
}

/** `failed`: it broke. `rejected`: it answered that the request was wrong (4xx). */
export function verdictOf(span: Span): 'ok' | 'failed' | 'rejected' {
  const status = statusOf(span);
  if (status !== null && status >= 500) return 'failed';
  if (status !== null && status >= 400) return 'rejected';
  return span.error ? 'failed' : 'ok';
}

/** Name that does not change from request to request: the route where it is known. */
export function operationOf(span: Span): string {
  const route = span.attributes['http.route'];
  if (typeof route === 'string' && route !== '') {
    const method = span.attributes['http.request.method'] ?? span.attributes['http.method'];
    return method === undefined ? route : `${String(method)} ${route}`;
  }
  return span.operation
    .replace(/\?.*$/, '')
    .replace(/\/(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f-]+)?|[A-Za-z]{1,12}[-_](?=\w*\d)\w+)(?=\/|$)/gi, '/:id');
}

/** The known service that a call went to, from its attributes: an exact name, or a host that carries it. */
export function peerOf(span: Span, services: ReadonlySet<string>): string | null {
  for (const key of peerKeys) {
    const value = span.attributes[key];
    if (typeof value !== 'string') continue;
    if (services.has(value)) return value;
    const host = hostOf(value);
    if (services.has(host)) return host;
    const [first] = host.split('.');
    if (first !== undefined && services.has(first)) return first;
  }
  return null;
}

function hostOf(value: string): string {
  const match = /^(?:\w+:\/\/)?([^/:?#]+)/.exec(value);
  return match?.[1] ?? value;
}
