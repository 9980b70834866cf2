import type { LogLine } from '../../ports/log-source.ts';
import type { Access } from '../authentication.ts';
import { type HttpRequest, jsonReply, type Reply, type Route, textReply } from '../route.ts';
import { normaliseLogLine } from './normalise-log-line.ts';
import { isObject, maxEntries, parseJson } from './parse-log-body.ts';
import { tooManyReply } from './too-many.ts';

interface FacadeOptions {
  readonly access: Access;
  now(): Date;
  serviceOf(request: HttpRequest): string;
  store(good: readonly LogLine[], bad: number): Promise<void>;
}

// Shippers built for Elasticsearch refuse a server that does not say this.
const product = { 'x-elastic-product': 'Elasticsearch' };
const about = {
  name: 'warroom',
  cluster_name: 'warroom',
  cluster_uuid: 'warroom',
  version: { number: '8.11.0', build_flavor: 'default', lucene_version: '9.8.0' },
  tagline: 'You Know, for Search',
};

/** As much of Elasticsearch as log shippers ask of it: who are you, and `_bulk`. */
export function elasticsearchRoutes(options: FacadeOptions): Route[] {
  const { access } = options;

  async function acceptBulk(request: HttpRequest): Promise<Reply> {
    const startedMs = performance.now();
    const defaults = { service: options.serviceOf(request), at: options.now() };
    const documents = readBulk(new TextDecoder().decode(request.body), request.params['index'] ?? 'logs');
    if (documents.length > maxEntries) return tooManyReply();
    const good: LogLine[] = [];
    let bad = 0;
    const items = documents.map(({ action, index, source }, position) => {
      const line = isObject(source)
        ? normaliseLogLine({ kind: 'object', value: source }, defaults)
        : undefined;
      if (line !== undefined) good.push(line);
      else bad += 1;
      return { [action]: itemOf(index, `${startedMs.toFixed(3)}-${position}`, line !== undefined) };
    });
    await options.store(good, bad);
    const took = Math.round(performance.now() - startedMs);
    return jsonReply(200, { took, errors: bad > 0, items }, product);
  }

  const bulk = ['/_bulk', '/:index/_bulk', '/telemetry/logs/_bulk', '/telemetry/logs/:index/_bulk'].map(
    (path): Route => ({
      method: 'POST',
      path,
      access,
      maxBodyBytes: 16 << 20,
      deadlineMs: 30_000,
      // rsyslog drops a batch that is answered 503, and sends it again when the connection breaks. All others do both.
      outage: 'hang-up',
      handle: acceptBulk,
    }),
  );
  const probes = ['', '/telemetry/logs'].flatMap((base): Route[] => [
    { method: 'GET', path: `${base}/`, access, handle: () => jsonReply(200, about, product) },
    {
      method: 'GET',
      path: `${base}/_cat/health`,
      access,
      handle: () => textReply(200, 'warroom green\n', product),
    },
  ]);
  return [...bulk, ...probes];
}

interface BulkDocument {
  readonly action: 'index' | 'create' | 'update';
  readonly index: string;
  readonly source: unknown;
}

/** Pairs of action and document; `delete` has no document and is passed over. */
function readBulk(body: string, defaultIndex: string): BulkDocument[] {
  const documents: BulkDocument[] = [];
  let pending: Omit<BulkDocument, 'source'> | undefined;
  for (const text of linesOf(body)) {
    if (documents.length > maxEntries) break;
    const value = parseJson(text);
    if (pending !== undefined) {
      const source = pending.action === 'update' && isObject(value) ? value['doc'] : value;
      documents.push({ ...pending, source });
      pending = undefined;
      continue;
    }
    const action = isObject(value) ? actionOf(value) : undefined;
    if (action === 'delete') continue;
    if (action === undefined) {
      documents.push({ action: 'index', index: defaultIndex, source: undefined });
      continue;
    }
    const target = isObject(value) && isObject(value[action]) ? value[action]['_index'] : undefined;
    pending = { action, index: typeof target === 'string' ? target : defaultIndex };
  }
  return documents;
}

/** One at a time, because a list of millions of tiny lines is many times the size of the body. */
function* linesOf(body: string): Generator<string> {
  for (let at = 0; at < body.length; ) {
    const newline = body.indexOf('\n', at);
    const end = newline < 0 ? body.length : newline;
    const line = body.slice(at, end).trim();
    if (line !== '') yield line;
    at = end + 1;
  }
}

function actionOf(
  value: Readonly<Record<string, unknown>>,
): 'index' | 'create' | 'update' | 'delete' | undefined {
  return (['index', 'create', 'update', 'delete'] as const).find((action) => Object.hasOwn(value, action));
}

function itemOf(index: string, id: string, stored: boolean): object {
  return stored
    ? { _index: index, _id: id, _version: 1, result: 'created', status: 201 }
    : {
        _index: index,
        _id: id,
        status: 400,
        error: { type: 'document_parsing_exception', reason: 'the document is no JSON object' },
      };
}
