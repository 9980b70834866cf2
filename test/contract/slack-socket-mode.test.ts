import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceRefused } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import { type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { links } from '../unit/slack/sample-views.ts';
import { noActions, policy } from './slack-house.ts';

let opened: OpenedRecord;
let answer: object | null;
let asked = 0;
const slack = createServer((request, response) => {
  request.resume();
  asked += 1;
  if (answer === null) return response.writeHead(503).end();
  return response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});

function createApp(): SlackApp {
  const apiUrl = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/`;
  return createSlackApp({
    config: { botToken: 'xoxb-test', signingSecret: 's', appToken: 'xapp-test', apiUrl },
    record: opened.record,
    links,
    log: silentLog,
    actions: noActions,
    catalogue: { services: [], clusters: [] },
    policy,
  });
}

beforeAll(async () => {
  opened = await openRecord({ databaseUrl: null, dataDir: null, auditKey });
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
}, 60_000);

afterAll(async () => {
  slack.closeAllConnections();
  slack.close();
  await opened.close();
});

describe('Socket Mode', () => {
  it('says which setting is wrong when Slack refuses the token', async () => {
    answer = { ok: false, error: 'invalid_auth' };
    const app = createApp();

    await expect(app.start()).rejects.toThrow(SourceRefused);

    await app.stop();
  });

  it('starts with Slack away and goes on trying', async () => {
    answer = null;
    asked = 0;
    const app = createApp();

    await app.start();
    await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(2);

    answer = { ok: false, error: 'invalid_auth' };
    await app.stop();
  });

  it('serves nothing by HTTP', async () => {
    answer = { ok: false, error: 'invalid_auth' };
    const app = createApp();
    const server = createServer(app.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body: '{}' });

    expect(response.status).toBe(404);
    await app.stop();
    await new Promise((resolve) => server.close(resolve));
  });
});
