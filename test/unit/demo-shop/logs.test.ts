import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { completeLine, wrapStderr } from '../../../demo/shop/log-lines.ts';
import { createLogShipper } from '../../../demo/shop/log-shipper.ts';

let server: Server;
let url: string;
let batches: string[][];
let authorization: string | undefined;
let status: number;

beforeEach(async () => {
  batches = [];
  status = 200;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    authorization = request.headers.authorization;
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (status === 200) batches.push(Buffer.concat(chunks).toString('utf8').trim().split('\n'));
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/logs`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('the log shipper', () => {
  it('sends batches of bounded size, in order, with the token', async () => {
    const shipper = createLogShipper({ url, token: 'secret', maxBatchLines: 3, flushMs: 10 });

    for (let i = 0; i < 7; i += 1) shipper.push(`{"i":${i}}`);
    await vi.waitFor(() => expect(batches.flat()).toHaveLength(7));
    await shipper.stop();

    expect(batches.map((batch) => batch.length)).toEqual([3, 3, 1]);
    expect(batches.flat().map((line) => JSON.parse(line).i)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(authorization).toBe('Bearer secret');
  });

  it('keeps the newest lines while nobody listens, and then says how many it lost', async () => {
    status = 503;
    const shipper = createLogShipper({ url, token: 't', flushMs: 5, maxBufferedLines: 10, maxBackoffMs: 20 });
    for (let i = 0; i < 30; i += 1) shipper.push(`{"i":${i}}`);
    await vi.waitFor(() => expect(shipper.dropped()).toBe(20));

    status = 200;
    await vi.waitFor(() => expect(batches.flat().length).toBe(11));
    await shipper.stop();

    const lines = batches.flat().map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ i: 20 });
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'log lines dropped', dropped: 20 }));
  });

  it('sends what is left when it stops, and gives up soon when it cannot', async () => {
    const shipper = createLogShipper({ url, token: 't', flushMs: 60_000 });
    shipper.push('{}');
    await shipper.stop();
    expect(batches.flat()).toEqual(['{}']);

    status = 503;
    const stuck = createLogShipper({ url, token: 't' });
    stuck.push('{}');
    const startedAt = performance.now();
    await stuck.stop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('log lines', () => {
  it('pass as they are when complete, and get service and ts when not', () => {
    const whole = '{"ts":"2026-01-01T00:00:00Z","service":"s","msg":"m"}';

    expect(completeLine('s', whole)).toBe(whole);
    expect(JSON.parse(completeLine('s', '{"msg":"m"}'))).toMatchObject({
      service: 's',
      msg: 'm',
      ts: expect.any(String),
    });
    expect(JSON.parse(completeLine('s', 'plain words'))).toMatchObject({ service: 's', msg: 'plain words' });
    expect(JSON.parse(completeLine('s', '{broken'))).toMatchObject({ msg: '{broken' });
  });

  it('carry a crash as one entry, named after the error', () => {
    const entry = JSON.parse(
      wrapStderr('s', ['file.js:3', 'null.x', '', 'TypeError: Cannot read', '    at file.js:3:1']),
    );

    expect(entry).toMatchObject({ level: 'error', service: 's', msg: 'TypeError: Cannot read' });
    expect(entry.stack).toContain('at file.js:3:1');
  });
});
