import { readdirSync, readFileSync } from 'node:fs';
import type { EmulatorContext } from 'emulate';
import type { ChangeFeed } from './change-feed.ts';
import { isObject } from './json-shapes.ts';
import type { PageApi } from './page-api.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Person, Workspace } from './workspace.ts';

export interface FrontHandlers {
  webApi: (method: string, request: Request) => Promise<Response>;
  page: PageApi;
  responseUrls: ResponseUrls;
  feed: ChangeFeed;
  workspace: Workspace;
  botToken: string;
  signal: AbortSignal;
}

type Router = EmulatorContext<object>['app'];

const CHANGE_WAIT_MS = 20_000;
const PAGE_FOLDER = new URL('./page/', import.meta.url);
const CONTENT_TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Everything a message brings is text or an http(s) image: no script or style but our own files may run. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' http: https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** Adds all addresses of the front: Web API, uploads, response URLs, permalinks, and the page with its own API. */
export function addRoutes(app: Router, handlers: () => FrontHandlers | undefined): void {
  const ready = (serve: (front: FrontHandlers) => Promise<Response> | Response) => {
    const front = handlers();
    return front ? serve(front) : new Response('Starting', { status: 503 });
  };

  const api = (c: { req: { raw: Request; param(name: string): string } }) =>
    ready((front) => front.webApi(c.req.param('method'), c.req.raw));
  app.post('/api/:method', api);
  app.get('/api/:method', api);

  app.post('/upload/v1/:fileId', (c) =>
    ready(async (front) => {
      const contentType = c.req.header('content-type');
      return front.workspace.pass('app', c.req.path, {
        method: 'POST',
        body: await c.req.arrayBuffer(),
        ...(contentType ? { contentType } : {}),
      });
    }),
  );
  app.get('/files-pri/:fileId/:name', (c) =>
    ready((front) => {
      if (c.req.header('authorization') !== `Bearer ${front.botToken}`)
        return new Response('not_authed', { status: 401 });
      return front.workspace.pass('app', c.req.path, { method: 'GET' });
    }),
  );
  app.post('/response/:id', (c) => ready((front) => front.responseUrls.answer(c.req.param('id'), c.req.raw)));
  app.get('/archives/:channel/:message', (c) => {
    const threadTs = new URL(c.req.url).searchParams.get('thread_ts');
    const thread = threadTs ? `?thread_ts=${encodeURIComponent(threadTs)}` : '';
    return c.redirect(`/#/${c.req.param('channel')}/${c.req.param('message')}${thread}`, 302);
  });

  addPageRoutes(app, ready);
}

function addPageRoutes(
  app: Router,
  ready: (serve: (front: FrontHandlers) => Promise<Response> | Response) => Promise<Response> | Response,
): void {
  const files = new Set(readdirSync(PAGE_FOLDER));
  const serveFile = (name: string): Response => {
    if (!files.has(name)) return new Response('Not Found', { status: 404 });
    const type = CONTENT_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    return new Response(readFileSync(new URL(name, PAGE_FOLDER)), {
      headers: { ...PAGE_HEADERS, 'content-type': type },
    });
  };
  app.get('/', () => serveFile('index.html'));
  app.get('/page/:name', (c) => serveFile(c.req.param('name')));

  // emulate ships this font for its own pages (SIL OFL); borrowed so that the page looks alike on every machine.
  app.get('/font/geist-sans.woff2', () =>
    ready((front) => front.workspace.pass('admin', '/_emulate/fonts/geist-sans.woff2', { method: 'GET' })),
  );

  app.get('/local/changes', (c) =>
    ready(async (front) => {
      const since = Number(c.req.query('since') ?? 0);
      return Response.json({ version: await front.feed.wait(since, CHANGE_WAIT_MS, front.signal) });
    }),
  );
  app.get('/local/file/:fileId/:name', (c) =>
    ready(async (front) => {
      const person = personOf(front, c.req.query('user'));
      if (!person) return unknownPerson();
      const path = `/files-pri/${c.req.param('fileId')}/${encodeURIComponent(c.req.param('name'))}`;
      const file = await front.workspace.pass({ personId: person.id }, path, { method: 'GET' });
      const type = file.headers.get('content-type') ?? '';
      const shown = /^image\/(png|jpeg|gif|webp)$/.test(type) ? type : 'text/plain; charset=utf-8';
      return new Response(file.body, {
        status: file.status,
        headers: { ...PAGE_HEADERS, 'content-type': shown },
      });
    }),
  );
  app.get('/local/:name', (c) =>
    ready(async (front) => {
      const person = personOf(front, c.req.query('user'));
      if (!person) return unknownPerson();
      const answer = await front.page.read(c.req.param('name'), person, new URL(c.req.url).searchParams);
      return answer ? Response.json(answer) : new Response('Not Found', { status: 404 });
    }),
  );
  app.post('/local/:name', (c) =>
    ready(async (front) => {
      // A form on another site cannot send JSON without asking first, and we never answer that it may.
      if (!c.req.header('content-type')?.includes('application/json'))
        return new Response('JSON only', { status: 415 });
      const body: unknown = await c.req.json();
      if (!isObject(body)) return new Response('JSON object only', { status: 400 });
      const person = personOf(front, typeof body.user === 'string' ? body.user : undefined);
      if (!person) return unknownPerson();
      const answer = await front.page.act(c.req.param('name'), person, body);
      return answer ? Response.json(answer) : new Response('Not Found', { status: 404 });
    }),
  );
}

/** A page that names nobody acts as the first person. */
function personOf(front: FrontHandlers, id: string | undefined): Person | undefined {
  if (!id) return front.workspace.people[0];
  return front.workspace.people.find((person) => person.id === id || person.name === id);
}

function unknownPerson(): Response {
  return Response.json({ ok: false, error: 'unknown_person' }, { status: 400 });
}
