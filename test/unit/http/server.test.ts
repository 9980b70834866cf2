import { createHmac } from 'node:crypto';
import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { jsonReply, type Route, textReply } from '../../../src/http/route.ts';
import {
  type HttpServer,
  type HttpServerOptions,
  PortUnavailable,
  startHttpServer,
} from '../../../src/http/server.ts';
import { SourceUnreachable } from '../../../src/platform/errors.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { createLinks } from '../../../src/platform/signed-links.ts';

const opened: HttpServer[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

const open = { kind: 'open' } as const;
const echo: Route = {
  method: 'POST',
  path: '/echo',
  access: open,
  maxBodyBytes: 1_000,
  handle: ({ body }) => textReply(200, body.toString('utf8')),
};

async function start(routes: readonly Route[], change: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    portSetting: 'PORT',
    routes,
    log: silentLog,
    metrics: createMetrics(),
    ...change,
  });
  opened.push(server);
  return server;
}

async function errorOf(response: Response): Promise<{ code: string; message: string; hint: string }> {
  return ((await response.json()) as { error: { code: string; message: string; hint: string } }).error;
}

describe('routes', () => {
  it('give their handler decoded parts of the path, and answer HEAD without a body', async () => {
    const { url } = await start([
      {
        method: 'GET',
        path: '/things/:id/parts/:part',
        access: open,
        handle: ({ params, query }) => jsonReply(200, { ...params, q: query.get('q') }),
      },
    ]);

    const response = await fetch(`${url}/things/a%20b/parts/%C3%A9?q=1`);
    expect(await response.json()).toEqual({ id: 'a b', part: 'é', q: '1' });

    const head = await fetch(`${url}/things/a/parts/b`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it('answer 404 off the paths and 405 with what is allowed', async () => {
    const { url } = await start([echo]);

    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/echo/%ff`)).status).toBe(404);
    const wrong = await fetch(`${url}/echo`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('answer a target that is no path as 404', async () => {
    const { port } = await start([echo]);

    expect(await speak(port, 'GET http://[ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 404/,
    );
  });
});

describe('bodies', () => {
  it('are unpacked', async () => {
    const { url } = await start([echo]);

    const response = await fetch(`${url}/echo`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync('hello'),
    });

    expect(await response.text()).toBe('hello');
  });

  it.each([
    ['as sent', { headers: {}, body: 'x'.repeat(100_000) }],
    ['unpacked', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('x'.repeat(100_000)) }],
  ])('are refused with 413 when too large %s', async (_what, init) => {
    const { url } = await start([echo]);

    const response = await fetch(`${url}/echo`, { method: 'POST', ...init });

    expect(response.status).toBe(413);
    expect((await errorOf(response)).message).toContain('1000 bytes');
  });

  it('are refused with 413 when they come in pieces without a length', async () => {
    const { url } = await start([echo]);
    const pieces = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 50; i += 1) controller.enqueue(new Uint8Array(1_000));
        controller.close();
      },
    });

    const response = await fetch(`${url}/echo`, { method: 'POST', body: pieces, duplex: 'half' });

    expect(response.status).toBe(413);
  });

  it('do not blow up: 100 MB of zeros in 100 kB stays within the limit', async () => {
    const { url } = await start([{ ...echo, maxBodyBytes: 1 << 20 }]);
    const bomb = gzipSync(Buffer.alloc(100 << 20));
    const before = process.memoryUsage().rss;

    const response = await fetch(`${url}/echo`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: bomb,
    });

    expect(response.status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 << 20);
  });

  it('that cannot be unpacked are refused with the reason', async () => {
    const { url } = await start([echo]);
    const send = (encoding: string): Promise<Response> =>
      fetch(`${url}/echo`, { method: 'POST', headers: { 'content-encoding': encoding }, body: 'plain' });

    expect((await send('gzip')).status).toBe(400);
    const unknown = await send('snappy');
    expect(unknown.status).toBe(415);
    expect((await errorOf(unknown)).message).toContain('snappy');
  });
});

describe('admission', () => {
  const credentials = {
    bearer: 'right-token',
    basic: { user: 'monitor', password: 'right:password' },
    setting: 'HOOK_TOKEN',
  };
  const guarded: Route = { ...echo, path: '/guarded', access: { kind: 'credentials', credentials } };

  function send(url: string, authorization?: string): Promise<Response> {
    return fetch(`${url}/guarded`, {
      method: 'POST',
      ...(authorization === undefined ? {} : { headers: { authorization } }),
      body: 'in',
    });
  }
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

  it('is given for the bearer token, for user and password, and for the token as password', async () => {
    const { url } = await start([guarded]);

    expect((await send(url, 'Bearer right-token')).status).toBe(200);
    expect((await send(url, 'bearer  right-token')).status).toBe(200);
    expect((await send(url, basic('monitor:right:password'))).status).toBe(200);
    expect((await send(url, basic('anybody:right-token'))).status).toBe(200);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    'Bearer right-token-and-more',
    'Basic !!!',
    basic('monitor:wrong'),
    basic('other:right:password'),
    basic('monitor'),
    'Digest right-token',
  ])('is refused for %s, naming the setting to compare', async (header) => {
    const { url } = await start([guarded]);

    const response = await send(url, header);

    expect(response.status).toBe(401);
    expect((await errorOf(response)).hint).toContain('HOOK_TOKEN');
  });

  it('is refused to everybody where no credentials are configured', async () => {
    const none = { bearer: null, basic: null, setting: 'HOOK_TOKEN' };
    const { url } = await start([{ ...guarded, access: { kind: 'credentials', credentials: none } }]);

    for (const header of ['Bearer ', 'Bearer null', basic(':'), basic('null:null')])
      expect((await send(url, header)).status).toBe(401);
  });

  it('by link is given for the signed path alone', async () => {
    const secret = 'link-secret';
    const page: Route = {
      method: 'GET',
      path: '/incidents/:id',
      access: { kind: 'signed-link', secret },
      handle: () => textReply(200, 'page'),
    };
    const { url } = await start([page]);
    const link = createLinks(url, secret).incident('abc');

    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link.replace('/abc', '/abd'))).status).toBe(401);
    expect((await fetch(link.slice(0, -1))).status).toBe(401);
    expect((await fetch(`${url}/incidents/abc`)).status).toBe(401);
  });
});

describe('trouble', () => {
  it('that passes is 503 with the hint, and anything else is 500 without its details', async () => {
    const failing = (path: string, error: Error): Route => ({
      ...echo,
      path,
      handle: () => Promise.reject(error),
    });
    const { url } = await start([
      failing('/later', new SourceUnreachable('The record is away.', 'Look at PostgreSQL.')),
      failing('/never', new Error('secret detail')),
    ]);

    const later = await fetch(`${url}/later`, { method: 'POST' });
    expect(later.status).toBe(503);
    expect(later.headers.get('retry-after')).toBe('2');
    expect(await errorOf(later)).toEqual({
      code: 'source_unreachable',
      message: 'The record is away.',
      hint: 'Look at PostgreSQL.',
    });

    const never = await fetch(`${url}/never`, { method: 'POST' });
    expect(never.status).toBe(500);
    expect(await never.text()).not.toContain('secret detail');
  });

  it('breaks the connection where an answer would be taken for the last word', async () => {
    const { url } = await start([
      {
        ...echo,
        path: '/later',
        outage: 'hang-up',
        handle: () => Promise.reject(new SourceUnreachable('The record is away.', 'Look at PostgreSQL.')),
      },
      { ...echo, outage: 'hang-up' },
    ]);

    await expect(fetch(`${url}/later`, { method: 'POST' })).rejects.toThrow('fetch failed');
    expect((await fetch(`${url}/echo`, { method: 'POST' })).status).toBe(200);
  });

  it('of being slow ends at the deadline with 503, and the handler is told to stop', async () => {
    const stopped = Promise.withResolvers<string>();
    const { url } = await start([
      {
        ...echo,
        deadlineMs: 100,
        handle: ({ signal }) =>
          new Promise(() => signal.addEventListener('abort', () => stopped.resolve('stopped'))),
      },
    ]);

    expect((await fetch(`${url}/echo`, { method: 'POST' })).status).toBe(503);
    expect(await stopped.promise).toBe('stopped');
  });

  it('of a client that leaves in mid-body does not reach the handler or the process', async () => {
    let handled = 0;
    const { url, port } = await start([
      {
        ...echo,
        handle: () => {
          handled += 1;
          return textReply(200, String(handled));
        },
      },
    ]);

    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', () =>
          socket.destroy(),
        );
      });
      socket.once('close', () => resolve());
    });

    expect(await (await fetch(`${url}/echo`, { method: 'POST' })).text()).toBe('1');
  });

  it('of a taken port names the setting to change', async () => {
    const { port } = await start([]);

    const second = startHttpServer({
      host: '127.0.0.1',
      port,
      portSetting: 'PORT',
      routes: [],
      log: silentLog,
      metrics: createMetrics(),
    });

    await expect(second).rejects.toThrow(PortUnavailable);
    await expect(second).rejects.toMatchObject({ hint: expect.stringContaining('PORT') });
  });
});

describe('closing', () => {
  it('lets a request in flight finish, takes no new one, and does not wait for idle keep-alive', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const server = await start([
      {
        ...echo,
        async handle() {
          begun.resolve();
          await release.promise;
          return textReply(200, 'finished');
        },
      },
    ]);
    const idle = await idleConnection(server.url);
    const inFlight = fetch(`${server.url}/echo`, { method: 'POST' });
    await begun.promise;

    const closed = server.close();
    await expect(fetch(`${server.url}/echo`, { method: 'POST' })).rejects.toThrow();
    release.resolve();

    expect(await (await inFlight).text()).toBe('finished');
    await closed;
    idle.destroy();
  });

  it('cuts off what does not finish in time', async () => {
    const begun = Promise.withResolvers<void>();
    const server = await start(
      [
        {
          ...echo,
          handle() {
            begun.resolve();
            return new Promise(() => undefined);
          },
        },
      ],
      { drainMs: 50 },
    );
    const stuck = fetch(`${server.url}/echo`, { method: 'POST' }).then(({ status }) => status);
    await begun.promise;

    await server.close();

    expect(await stuck).toBe(503);
  });
});

describe("Bolt's receiver as fallback", () => {
  const signingSecret = 'signing-secret';

  function startBolt() {
    const receiver = new HTTPReceiver({
      signingSecret,
      endpoints: ['/slack/events'],
      logLevel: LogLevel.ERROR,
    });
    const app = new App({
      receiver,
      token: 'xoxb-test',
      botId: 'B1',
      botUserId: 'U1',
      logLevel: LogLevel.ERROR,
    });
    return { app, listener: receiver.requestListener };
  }

  it('gets its own path on the same port, signature and all; other paths stay 404', async () => {
    const { app, listener } = startBolt();
    const commands: string[] = [];
    app.command('/warroom', async ({ command, ack }) => {
      commands.push(command.text);
      await ack('on it');
    });
    const { url } = await start([echo], { fallback: listener });
    const body = new URLSearchParams({
      command: '/warroom',
      text: 'status',
      user_id: 'U1',
      team_id: 'T1',
    }).toString();
    const stamp = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex')}`;
    const send = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/slack/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      });

    const response = await send({ 'x-slack-request-timestamp': stamp, 'x-slack-signature': signature });
    expect(await response.text()).toBe('on it');
    expect(commands).toEqual(['status']);

    expect((await send({ 'x-slack-request-timestamp': stamp, 'x-slack-signature': 'v0=bad' })).status).toBe(
      401,
    );
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/echo`, { method: 'POST', body: 'still here' })).status).toBe(200);
  });
});

function speak(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
  });
}

function idleConnection(url: string): Promise<{ destroy(): void }> {
  return new Promise((resolve, reject) => {
    const call = rawRequest(`${url}/nothing`, { headers: { connection: 'keep-alive' } }, (response) => {
      response.resume();
      response.once('end', () => resolve({ destroy: () => call.destroy() }));
    });
    call.once('error', reject);
    call.end();
  });
}
