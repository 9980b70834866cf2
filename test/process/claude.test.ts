import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { anthropicError, type ClaudeStandIn, startClaude } from '../support/aimock.ts';
import { auditKey } from '../support/audit-key.ts';
import { type BotHouse, createBotHouse, postAlert } from '../support/bot.ts';
import { aReport } from '../support/claude-script.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/server-process.ts';

const apiKey = 'sk-ant-a-key-that-no-log-may-hold';

/** `src/main.ts` as `npm start` runs it, with a key and an address: real PostgreSQL, Redis and git, aimock for Claude. */
describe('the bot with an Anthropic key', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let slack: LocalSlack;
  let claude: ClaudeStandIn;
  let store: Awaited<ReturnType<typeof openRecord>>;
  let house: BotHouse;
  let commit: string;

  beforeEach(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    slack = await startLocalSlack({
      botToken: 'xoxb-test',
      signingSecret: 'signing',
      users: [{ name: 'mira' }],
    });
    claude = await startClaude((asked) => {
      if (asked.turn === 0)
        return {
          thinking: 'Commits and logs.',
          calls: [
            { name: 'show_commit', input: { sha: commit } },
            { name: 'log_search', input: { text: 'expired' } },
          ],
        };
      if (asked.turn === 1) return { calls: [{ name: 'read_file', input: { path: 'session.json' } }] };
      return aReport([
        {
          kind: 'cause',
          text: 'Sessions of ledger end too early since a commit.',
          evidence: asked.evidence,
          blamesService: 'ledger',
          blamesCommit: commit,
        },
      ]);
    });
    store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    house = await createBotHouse([], {});
    commit = createLedger(join(house.dir, 'ledger'));
    const ledger = {
      name: 'ledger',
      repository: { url: `file://${join(house.dir, 'ledger')}`, slug: 'a/ledger' },
      language: 'node',
      testCommand: ['true'],
    };
    writeFileSync(join(house.dir, 'warroom.yaml'), JSON.stringify({ services: [ledger] }));
  });
  afterEach(async () => {
    await house.remove();
    await store.close();
    await Promise.all([slack.stop(), claude.stop(), redis.stop()]);
    await database.drop();
  });

  const settings = () => ({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_SIGNING_SECRET: 'signing',
    SLACK_API_URL: slack.apiUrl,
    ANTHROPIC_API_KEY: apiKey,
    ANTHROPIC_BASE_URL: claude.url,
  });
  const theIncident = async () => (await store.record.incidents.recent(5))[0];
  const settled = async () => {
    const incident = await theIncident();
    return incident === undefined ? undefined : await store.record.rootCauses.get(incident.id);
  };

  it('chooses Claude, and goes from the alert to the postmortem with what it found', async () => {
    const server = house.start('serve', settings());
    await server.ready();
    await pushLog(house.url);
    expect(await postAlert(house.url, alertOn('firing'))).toBe(200);

    const rootCause = await until('the root cause', settled, 120_000);
    const id = rootCause.incidentId;
    const [investigation] = await store.record.investigations.ofIncident(id);
    expect(investigation).toMatchObject({ state: 'finished', investigator: 'claude' });
    expect(investigation?.steps.map((step) => `${step.text.split(':')[0]} ${step.state}`)).toEqual(
      expect.arrayContaining(['show commit done', 'log search done', 'read file done']) as string[],
    );
    expect(rootCause).toMatchObject({ service: 'ledger', commit: { sha: commit } });
    const evidence = await store.record.evidence.ofIncident(id);
    const cited = evidence.filter((row) => rootCause.evidence.includes(row.number));
    expect(new Set(cited.map((row) => row.kind))).toEqual(new Set(['change', 'log']));

    expect(await postAlert(house.url, alertOn('resolved'))).toBe(200);
    const done = await until(
      'the incident to end',
      async () => {
        const incident = await theIncident();
        return incident?.stage === 'done' ? incident : undefined;
      },
      60_000,
    );
    expect(done.status).toBe('resolved');
    expect((await store.record.knowledge.get(id))?.markdown).toContain('## Timeline');
    expect(firstBrokenLink(await store.record.timeline.ofIncident(id))).toBeNull();

    await until('the room to be in Slack', async () => {
      const room = await store.record.outbox.ofIncident(id);
      return room.length > 0 && room.every((entry) => entry.deliveredVersion === entry.version);
    });
    expect(claude.requests).toHaveLength(3);
    expect(claude.requests[0]?.headers['authorization']).toBe(`Bearer ${apiKey}`);
    expect(server.output()).not.toContain(apiKey);
    expect(await server.stop()).toBe(0);
  });

  it('with a wrong key: the evidence engine answers, the thread says what to check, no log holds the key', async () => {
    claude.answerRaw(9, 401, {}, anthropicError('authentication_error', `invalid key: ${apiKey}`));
    const server = house.start('serve', settings());
    await server.ready();
    await postAlert(house.url, alertOn('firing'));

    const rootCause = await until('the root cause', settled, 120_000);

    const [investigation] = await store.record.investigations.ofIncident(rootCause.incidentId);
    expect(investigation).toMatchObject({ state: 'finished', investigator: 'evidence' });
    expect(investigation?.limits.join(' ')).toContain('Anthropic refused the key. Check ANTHROPIC_API_KEY');
    expect(claude.requests).toHaveLength(1);
    expect(server.output()).toContain('investigation failed');
    expect(server.output()).not.toContain(apiKey);
    expect(JSON.stringify(await store.record.outbox.ofIncident(rootCause.incidentId))).not.toContain(apiKey);
  });

  it('with INVESTIGATOR=evidence the key is not used', async () => {
    const server = house.start('serve', { ...settings(), INVESTIGATOR: 'evidence' });
    await server.ready();
    await postAlert(house.url, alertOn('firing'));

    const rootCause = await until('the root cause', settled, 120_000);

    const [investigation] = await store.record.investigations.ofIncident(rootCause.incidentId);
    expect(investigation?.investigator).toBe('evidence');
    expect(claude.requests).toEqual([]);
  });
});

/** A repository whose last commit shortens a session. */
function createLedger(folder: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Kim', '-c', 'user.email=kim@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', folder]);
  for (const hours of [24, 1]) {
    writeFileSync(join(folder, 'session.json'), `{ "hours": ${hours} }\n`);
    git('add', '--all');
    git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '-m', `Sessions last ${hours} h`);
  }
  return git('rev-parse', 'HEAD');
}

async function pushLog(url: string): Promise<void> {
  const now = Date.now();
  const lineOf = (agoS: number, level: string, msg: string) =>
    JSON.stringify({ time: new Date(now - agoS * 1000).toISOString(), service: 'ledger', level, msg });
  // Calm for minutes, then an error each half second: what code itself can call trouble.
  const lines = [
    ...Array.from({ length: 60 }, (_, n) => lineOf(240 - 3 * n, 'info', 'entry booked')),
    ...Array.from({ length: 40 }, (_, n) => lineOf(30 - n / 2, 'error', 'session expired')),
  ];
  const answer = await fetch(`${url}/telemetry/logs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-ndjson',
      authorization: 'Bearer telemetry-token-of-this-test',
    },
    body: `${lines.join('\n')}\n`,
  });
  expect(answer.ok).toBe(true);
  await answer.arrayBuffer();
}

const startsAt = new Date(Date.now() - 30_000).toISOString();

function alertOn(status: 'firing' | 'resolved'): object {
  return {
    status,
    labels: { alertname: 'HighErrorRatio', service: 'ledger', severity: 'critical' },
    annotations: { summary: 'Errors on ledger' },
    startsAt,
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString(),
    generatorURL: 'http://prometheus.example/graph',
    fingerprint: 'abcdef',
  };
}
