import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeCatalogue } from '../../demo/catalogue.ts';
import { type LocalGithub, startLocalGithub } from '../../demo/local-github/local-github.ts';
import { type LocalSlack, startLocalSlack } from '../../demo/local-slack/local-slack.ts';
import { onCallGroup, people } from '../../demo/people.ts';
import { injectScenario } from '../../demo/shop/inject-scenario.ts';
import { createShopRepositories, SHOP_SERVICES } from '../../demo/shop/repositories.ts';
import { readScenario } from '../../demo/shop/scenario.ts';
import type { Stage } from '../../src/domain/incident.ts';
import type { Investigation } from '../../src/domain/investigation.ts';
import type { RootCause } from '../../src/domain/root-cause.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { type Asked, type ClaudeStandIn, type Scripted, startClaude } from './aimock.ts';
import { auditKey } from './audit-key.ts';
import { type BotHouse, type BotRun, createBotHouse, postAlert } from './bot.ts';
import { createTestDatabase } from './databases.ts';
import { startPrometheus } from './prometheus.ts';
import { startRedis } from './redis.ts';
import { until } from './server-process.ts';
import type { ShopTelemetry } from './shop-telemetry.ts';

const waitsForPeople: ReadonlySet<Stage> = new Set<Stage>(['approval', 'learning', 'done']);
const owner = 'harborline';
const signingSecret = '5f1c0a9be27d4c6f';

/**
 * The shop's repositories with a scenario's fault among the day's commits, and the bot as `npm start` runs it: real
 * PostgreSQL, Redis, Prometheus and git; Slack, GitHub and Claude are stand-ins (see test/support/aimock.ts). What the shop
 * did is played and sent, not lived through.
 */
export interface ShopHouse {
  readonly slack: LocalSlack;
  readonly claude: ClaudeStandIn;
  readonly record: Awaited<ReturnType<typeof openRecord>>['record'];
  readonly bot: BotHouse;
  /** The commit that is the fault; empty where nothing is broken. */
  readonly commit: string;
  start(change?: Readonly<Record<string, string>>): Promise<BotRun>;
  /** Sends what the shop did and then the alert. */
  alert(alert: ShopAlert): Promise<void>;
  rootCause(): Promise<RootCause>;
  /** The incident's only one. */
  incidentId(): Promise<string>;
  investigation(service: string): Promise<Investigation>;
  /** Where people reply to this service's agent. */
  agentThread(service: string): Promise<{ channel: string; ts: string }>;
  /** Nothing but people is waited for any more, and the room has all of it in Slack. */
  shown(): Promise<void>;
  close(): Promise<void>;
}

export interface ShopAlert {
  readonly name: string;
  readonly service: string;
  readonly summary: string;
}

export async function openShop(options: {
  /** A folder of `demo/faults`. */
  readonly fault: string;
  readonly telemetry: ShopTelemetry;
  /** What Claude says; absent: there is no key, and the evidence engine speaks alone. */
  readonly script?: (asked: Asked, commit: string) => Scripted;
  /** Part of the policy in `warroom.yaml`. */
  readonly policy?: object;
}): Promise<ShopHouse> {
  const ends: (() => Promise<unknown>)[] = [];
  const { telemetry, script } = options;
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const bot = await createBotHouse([], {});
    ends.push(() => bot.remove());
    const [database, redis, prometheus, scenario] = await Promise.all([
      createTestDatabase(),
      startRedis(),
      startPrometheus({
        targets: [],
        past: telemetry.metrics,
        rules: await readFile(resolve(import.meta.dirname, '../../demo/monitoring/alerts.yml'), 'utf8'),
      }),
      readScenario(options.fault),
    ]);
    ends.push(
      () => database.drop(),
      () => redis.stop(),
      () => prometheus.stop(),
    );
    const repositoriesDir = join(bot.dir, 'repositories');
    await createShopRepositories(repositoriesDir);
    const { commit: fault } = await injectScenario(scenario, repositoriesDir);
    const commit = fault ?? '';
    const github: LocalGithub = await startLocalGithub({ repositoriesDir, owner, token: 'github-token' });
    ends.push(() => github.stop());
    const slack = await startLocalSlack({
      botToken: 'xoxb-test',
      signingSecret,
      users: people,
      userGroups: [onCallGroup],
      eventsUrl: `${bot.url}/slack/events`,
    });
    ends.push(() => slack.stop());
    const claude = await startClaude((asked) => script?.(asked, commit) ?? { text: '' });
    ends.push(() => claude.stop());
    await writeCatalogue(
      join(bot.dir, 'warroom.yaml'),
      SHOP_SERVICES,
      (service) => github.gitUrl(service),
      owner,
      (service) => `${prometheus.url}/graph?service=${service}`,
      () => [],
      options.policy,
    );
    const store = await openRecord({
      databaseUrl: database.url,
      dataDir: null,
      auditKey,
    });
    ends.push(() => store.close());
    const { record } = store;

    const theIncident = async () => (await record.incidents.recent(1))[0];
    return {
      slack,
      claude,
      record,
      bot,
      commit,
      async start(change = {}) {
        const run = bot.start('serve', {
          DATABASE_URL: database.url,
          REDIS_URL: redis.url,
          SLACK_BOT_TOKEN: 'xoxb-test',
          SLACK_SIGNING_SECRET: signingSecret,
          SLACK_API_URL: slack.apiUrl,
          GITHUB_TOKEN: 'github-token',
          GITHUB_API_URL: github.apiUrl,
          PROMETHEUS_URL: prometheus.url,
          ...(script === undefined
            ? {}
            : { ANTHROPIC_API_KEY: 'sk-ant-of-this-test', ANTHROPIC_BASE_URL: claude.url }),
          ...change,
        });
        await run.ready();
        return run;
      },
      async alert({ name, service, summary }) {
        for (const body of telemetry.traces) await send(`${bot.url}/v1/traces`, 'application/json', body);
        const lines = telemetry.logs.map((line) => JSON.stringify(line)).join('\n');
        await send(`${bot.url}/telemetry/logs`, 'application/x-ndjson', `${lines}\n`);
        const status = await postAlert(bot.url, {
          status: 'firing',
          labels: { alertname: name, service, severity: 'critical' },
          annotations: { summary },
          startsAt: new Date(telemetry.onset.getTime() + 8_000).toISOString(),
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: prometheus.url,
          fingerprint: `${name}-${service}`,
        });
        if (status !== 200) throw new Error(`the alert was answered ${status}`);
      },
      rootCause: () =>
        until(
          'the root cause',
          async () => {
            const incident = await theIncident();
            return incident === undefined ? undefined : await record.rootCauses.get(incident.id);
          },
          120_000,
        ),
      incidentId: async () => (await until('the incident', theIncident)).id,
      investigation: (service) =>
        until(`the look at ${service}`, async () => {
          const incident = await theIncident();
          const all = incident === undefined ? [] : await record.investigations.ofIncident(incident.id);
          return all.find((one) => one.service === service);
        }),
      agentThread: (service) =>
        until(`the thread of ${service}`, async () => {
          const incident = await theIncident();
          const room = incident === undefined ? [] : await record.outbox.ofIncident(incident.id);
          const ts = room.find((entry) => entry.key === `agent:${service}`)?.externalId;
          const channel = incident?.channelId;
          return typeof ts === 'string' && typeof channel === 'string' ? { channel, ts } : undefined;
        }),
      async shown() {
        const { id } = await until(
          'the plan',
          async () => {
            const incident = await theIncident();
            return incident !== undefined && waitsForPeople.has(incident.stage) ? incident : undefined;
          },
          120_000,
        );
        await until('the room to be in Slack', async () => {
          const room = await record.outbox.ofIncident(id);
          return room.length > 0 && room.every((entry) => entry.deliveredVersion === entry.version);
        });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function send(url: string, type: string, body: object | string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type, authorization: 'Bearer telemetry-token-of-this-test' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${said}`);
}
