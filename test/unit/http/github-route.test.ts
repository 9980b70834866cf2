import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createGithubRoute } from '../../../src/http/github-route.ts';
import { type HttpServer, startHttpServer } from '../../../src/http/server.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';

const secret = 'a webhook secret';
const push = { ref: 'refs/heads/main', repository: { full_name: 'acme/shop' }, commits: [{ id: 'x' }] };

describe('the webhook of GitHub', () => {
  const opened: HttpServer[] = [];
  const pushes: { slug: string; branch: string }[] = [];

  afterEach(async () => {
    pushes.length = 0;
    for (const server of opened.splice(0)) await server.close();
  });

  async function start(configured: string | null = secret): Promise<string> {
    const metrics = createMetrics();
    const onPush = (one: { slug: string; branch: string }) => {
      pushes.push(one);
      return one.slug === 'acme/shop' ? ['shop'] : [];
    };
    const server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      portSetting: 'PORT',
      routes: [createGithubRoute({ secret: configured, onPush, metrics })],
      log: silentLog,
      metrics,
    });
    opened.push(server);
    return `${server.url}/hooks/github`;
  }

  function send(
    url: string,
    body: string,
    { key = secret, event = 'push', type = 'application/json', signature = sign(body, key) } = {},
  ): Promise<Response> {
    const headers = { 'x-hub-signature-256': signature, 'x-github-event': event, 'content-type': type };
    return fetch(url, { method: 'POST', headers, body });
  }

  it('tells what was pushed, as JSON or as a form', async () => {
    const url = await start();
    const form = new URLSearchParams({ payload: JSON.stringify(push) }).toString();

    const answers = [
      await send(url, JSON.stringify(push)),
      await send(url, form, { type: 'application/x-www-form-urlencoded' }),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ fetching: ['shop'] });
    }
    expect(pushes).toEqual([
      { slug: 'acme/shop', branch: 'main' },
      { slug: 'acme/shop', branch: 'main' },
    ]);
  });

  it.each([
    ['with another secret', { key: 'another' }],
    ['with an empty signature', { signature: '' }],
    ['with the older kind of signature', { signature: `sha1=${'0'.repeat(40)}` }],
    ['with a signature of no digits', { signature: `sha256=${'a'.repeat(63)}\u00e9` }],
    ['with a signature that is longer', { signature: `${sign(JSON.stringify(push), secret)}0` }],
    ['with the signature of another body', { signature: sign('{}', secret) }],
  ])('lets nobody in %s', async (_what, change) => {
    const url = await start();

    const answer = await send(url, JSON.stringify(push), change);

    expect(answer.status).toBe(401);
    expect(JSON.stringify(await answer.json())).toContain('GITHUB_WEBHOOK_SECRET');
    expect(pushes).toEqual([]);
  });

  it('lets nobody in while no secret is configured, whatever is signed with nothing', async () => {
    const url = await start(null);

    expect((await send(url, JSON.stringify(push), { key: '' })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(pushes).toEqual([]);
  });

  it('answers other events and tags without doing anything', async () => {
    const url = await start();

    expect((await send(url, '{"zen":"…"}', { event: 'ping' })).status).toBe(200);
    expect((await send(url, JSON.stringify({ ...push, ref: 'refs/tags/v1' }))).status).toBe(200);
    expect(pushes).toEqual([]);
  });

  it('says what is wrong with a push that is none, and takes no endless one', async () => {
    const url = await start();

    for (const body of ['', 'no json', '[]', '{"ref":1}', '{"ref":"refs/heads/main"}']) {
      expect((await send(url, body)).status).toBe(400);
    }
    const large = await send(url, ' '.repeat(5 << 20)).catch(() => ({ status: 413 }));
    expect(large.status).toBe(413);
    expect(pushes).toEqual([]);
  });
});

function sign(body: string, key: string): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}
