import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { type BotHouse, createBotHouse, postAlert } from '../support/bot.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/server-process.ts';

/** Real processes on a real PostgreSQL and Redis; the agent's clone waits at a gate, so "in mid-investigation" is exact. */
describe('processes that are killed', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let slack: LocalSlack;
  let store: Awaited<ReturnType<typeof openRecord>>;
  let gate: Gate;
  let house: BotHouse;

  beforeEach(async () => {
    [database, redis, gate] = await Promise.all([createTestDatabase(), startRedis(), startGate()]);
    slack = await startLocalSlack({
      botToken: 'xoxb-test',
      signingSecret: 'signing',
      users: [{ name: 'mira' }],
    });
    store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    const ledger = {
      name: 'ledger',
      repository: { url: `${gate.url}/a/ledger.git`, slug: 'a/ledger' },
      language: 'node',
      testCommand: ['npm', 'test'],
    };
    house = await createBotHouse([ledger], {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      SLACK_BOT_TOKEN: 'xoxb-test',
      SLACK_SIGNING_SECRET: 'signing',
      SLACK_API_URL: slack.apiUrl,
    });
  });
  afterEach(async () => {
    await house.remove();
    await store.close();
    await Promise.all([slack.stop(), gate.close(), redis.stop()]);
    await database.drop();
  });

  const channelsMade = () =>
    slack.calls.filter((call) => call.method === 'conversations.create' && call.ok).length;
  const theIncident = async () => (await store.record.incidents.recent(5))[0];
  const settled = async () => {
    const incident = await theIncident();
    return incident === undefined ? undefined : await store.record.rootCauses.get(incident.id);
  };
  const delivered = async () => {
    const incident = await theIncident();
    const room = await store.record.outbox.ofIncident(incident?.id ?? '');
    return room.length > 0 && room.every((entry) => entry.deliveredVersion === entry.version);
  };
  const postsEachOnce = async () => {
    const incident = await theIncident();
    const room = await store.record.outbox.ofIncident(incident?.id ?? '');
    const messages = room.filter((entry) => entry.item.type === 'message').length;
    return [slack.calls.filter((call) => call.method === 'chat.postMessage' && call.ok).length, messages];
  };

  it('server and worker killed in mid-investigation: the next worker finishes, in one channel', async () => {
    const server = house.start('serve');
    await server.ready();
    expect(await postAlert(house.url, alertOn('ledger'))).toBe(200);
    await until('the agent to clone', () => gate.arrived() > 0, 60_000);
    await server.crash();

    const arrivedBefore = gate.arrived();
    const worker = house.start('worker');
    await until('another worker to take the job', () => gate.arrived() > arrivedBefore, 90_000);
    await worker.crash();

    gate.open();
    house.start('worker');
    await until('the root cause', settled, 90_000);
    const restarted = house.start('serve');
    await restarted.ready();
    await until('everything to be delivered', delivered, 60_000);

    const incident = await theIncident();
    const [investigation] = await store.record.investigations.ofIncident(incident?.id ?? '');
    const [posted, messages] = await postsEachOnce();
    expect(investigation?.state).toBe('finished');
    expect(channelsMade()).toBe(1);
    expect(posted).toBe(messages);
    expect(firstBrokenLink(await store.record.timeline.ofIncident(incident?.id ?? ''))).toBeNull();
  });

  it('the server killed between "channel created" and "recorded": the restarted one adopts that channel', async () => {
    gate.open();
    slack.faults.loseAnswer('conversations.create', 1);
    const server = house.start('serve');
    await server.ready();
    await postAlert(house.url, alertOn('ledger'));
    await until('Slack to have made the channel', () => channelsMade() === 1, 30_000);
    await server.crash();
    expect((await theIncident())?.channelId).toBeNull();

    const restarted = house.start('serve');
    await restarted.ready();
    await until('the root cause', settled, 90_000);
    await until('everything to be delivered', delivered, 90_000);

    expect(channelsMade()).toBe(1);
    expect((await theIncident())?.channelId).not.toBeNull();
    const [posted, messages] = await postsEachOnce();
    expect(posted).toBe(messages);
  });

  it('all of Redis lost in mid-incident: the story goes on from rows', async () => {
    const server = house.start('serve');
    await server.ready();
    await postAlert(house.url, alertOn('ledger'));
    await until('the agent to clone', () => gate.arrived() > 0, 60_000);

    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    gate.open();

    await until('the root cause', settled, 120_000);
    expect(channelsMade()).toBe(1);
  });

  it('drains on SIGTERM and ends with 0', async () => {
    gate.open();
    const server = house.start('serve');
    await server.ready();

    expect(await server.stop()).toBe(0);
  });
});

function alertOn(service: string): object {
  return {
    status: 'firing',
    labels: { alertname: 'HighErrorRatio', service, severity: 'critical' },
    annotations: { summary: `Errors on ${service}` },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example/graph',
    fingerprint: 'abcdef',
  };
}
