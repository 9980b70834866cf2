import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { createHttpClient } from '../../src/kit/http-client.js';
import { withRetry } from '../../src/kit/retry.js';

async function serve(handle) {
  const server = http.createServer(handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, baseUrl: `http://127.0.0.1:${server.address().port}` };
}

test('hands back status and parsed body', async () => {
  const { server, baseUrl } = await serve((_req, res) => res.writeHead(201).end('{"id":7}'));
  const client = createHttpClient({ upstream: 'x', baseUrl, settings: () => ({ timeoutMs: 500 }) });

  assert.deepEqual(await client.post('/things', { a: 1 }), { status: 201, body: { id: 7 } });

  client.close();
  server.close();
});

test('gives up after the timeout and says who did not answer', async () => {
  const { server, baseUrl } = await serve(() => {});
  const client = createHttpClient({ upstream: 'x', baseUrl, settings: () => ({ timeoutMs: 20 }) });

  await assert.rejects(client.get('/slow'), { code: 'UPSTREAM_TIMEOUT', upstream: 'x' });

  client.close();
  server.closeAllConnections();
  server.close();
});

test('retries only what may be retried', async () => {
  let calls = 0;
  const failing = () => {
    calls += 1;
    throw Object.assign(new Error('no'), { final: calls === 2 });
  };
  const options = { attempts: 5, isRetryable: (e) => !e.final, sleep: async () => {} };

  await assert.rejects(withRetry(failing, options));
  assert.equal(calls, 2);
});
