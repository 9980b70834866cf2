import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BotProcess, startBot } from './bot-process.ts';
import { type CataloguedDatabase, writeCatalogue } from './catalogue.ts';
import type { Machine } from './check-machine.ts';
import { type Database, startPaymentsDatabase } from './database/database.ts';
import { shipDatabaseLog } from './database/ship-log.ts';
import { type LocalGithub, startLocalGithub } from './local-github/local-github.ts';
import { type LocalSlack, startLocalSlack } from './local-slack/local-slack.ts';
import { type Monitoring, startMonitoring } from './monitoring/monitoring.ts';
import { onCallGroup, people } from './people.ts';
import { findFreePort } from './shop/free-port.ts';
import { checkScenario } from './shop/inject-scenario.ts';
import { createShopRepositories } from './shop/repositories.ts';
import type { Scenario } from './shop/scenario.ts';
import { type Shop, startShop } from './shop/shop.ts';

export interface Stack {
  readonly repositoriesDir: string;
  readonly github: LocalGithub;
  readonly slack: LocalSlack;
  readonly bot: BotProcess;
  readonly shop: Shop;
  readonly monitoring: Monitoring;
  stop(): Promise<void>;
}

const owner = 'harborline';

/** Everything of the demo on free ports, started in the order in which one needs the other. */
export async function startStack(options: {
  dir: string;
  machine: Pick<Machine, 'prometheus' | 'alertmanager' | 'postgres'>;
  scenario: Scenario;
  /** The bot's log. */
  logFile: string;
  /** Called as soon as the page can be opened. */
  onPage: (url: string) => void;
  /** Added to the bot's environment: the investigator and its key, where Docker is. */
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
  say: (text: string) => void;
}): Promise<Stack> {
  const { dir, say, signal } = options;
  const standIns: (() => Promise<void>)[] = [];
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    // What talks to the stand-ins and to the database goes first, all at once; then they.
    for (const group of [stops, standIns])
      await Promise.all(
        group
          .splice(0)
          .map((step) => step().catch((error: unknown) => say(`while stopping: ${String(error)}`))),
      );
  };
  const secret = () => randomBytes(24).toString('hex');
  try {
    const port = await findFreePort();
    const botUrl = `http://127.0.0.1:${port}`;
    const [webhookToken, telemetryToken, apiToken] = [secret(), secret(), secret()];
    const logsUrl = `${botUrl}/telemetry/logs`;
    const filling = startDatabase(options, logsUrl, telemetryToken);
    // Until it is waited for, its failure is nobody's.
    const settled = filling.catch(() => null);
    standIns.push(async () => (await settled)?.stop());
    const repositoriesDir = join(dir, 'repositories');
    await mkdir(repositoriesDir, { recursive: true });
    say('Creating four repositories with their history');
    const repositories = await createShopRepositories(repositoriesDir);
    await checkScenario(options.scenario, repositoriesDir);
    signal.throwIfAborted();

    say('Starting the local GitHub and the local Slack');
    const githubToken = secret();
    const github = await startLocalGithub({ repositoriesDir, owner, token: githubToken });
    standIns.push(() => github.stop());
    for (const { service } of repositories) await github.sync(service);
    const [botToken, signingSecret] = [`xoxb-${secret()}`, secret()];
    const slack = await startLocalSlack({
      botToken,
      signingSecret,
      users: people,
      userGroups: [onCallGroup],
      workspaceName: 'Harborline',
      appName: 'Warroom',
    });
    standIns.push(() => slack.stop());
    signal.throwIfAborted();
    options.onPage(slack.pageUrl);

    const database = await filling;
    signal.throwIfAborted();
    say('Starting the shop and its load');
    const shop = await startShop({
      dir: join(dir, 'releases'),
      repositoriesDir,
      logsUrl,
      tracesUrl: `${botUrl}/v1/traces`,
      telemetryToken,
      ...(database === null ? {} : { paymentsDatabaseUrl: database.serviceUrl }),
      signal,
    });
    stops.push(() => shop.stop());

    say('Starting Prometheus and Alertmanager');
    const monitoring = await startMonitoring({
      dir: join(dir, 'monitoring'),
      targets: shop.services.map((service) => ({ service: service.name, port: service.port })),
      webhookUrl: `${botUrl}/hooks/alertmanager`,
      webhookToken,
      moreRules: options.scenario.alerts && join(options.scenario.folder, options.scenario.alerts),
      prometheusCommand: options.machine.prometheus,
      alertmanagerCommand: options.machine.alertmanager,
    });
    stops.push(() => monitoring.stop());
    signal.throwIfAborted();

    say('Starting Warroom');
    const databases = database === null ? [] : [await catalogued(database, dir)];
    const catalogueFile = join(dir, 'warroom.yaml');
    await writeCatalogue(
      catalogueFile,
      repositories.map((one) => one.service),
      (service) => github.gitUrl(service),
      owner,
      (service) => trafficGraph(monitoring.prometheusUrl, service),
      (service) => (service === 'payment-service' ? databases : []),
    );
    const bot = await startBot({
      dir,
      port,
      apiToken,
      logFile: options.logFile,
      signal,
      environment: {
        HOST: '127.0.0.1',
        PORT: String(port),
        PUBLIC_URL: botUrl,
        LOG_LEVEL: 'info',
        WARROOM_SECRET: secret(),
        WARROOM_API_TOKEN: apiToken,
        CATALOGUE_FILE: catalogueFile,
        DATA_DIR: join(dir, 'data'),
        SLACK_BOT_TOKEN: botToken,
        SLACK_SIGNING_SECRET: signingSecret,
        SLACK_API_URL: slack.apiUrl,
        GITHUB_TOKEN: githubToken,
        GITHUB_API_URL: github.apiUrl,
        PROMETHEUS_URL: monitoring.prometheusUrl,
        ALERTMANAGER_URL: monitoring.alertmanagerUrl,
        ALERTMANAGER_WEBHOOK_TOKEN: webhookToken,
        TELEMETRY_TOKEN: telemetryToken,
        ...options.environment,
      },
    });
    stops.push(() => bot.stop());
    slack.setEventsUrl(`${botUrl}/slack/events`);
    return { repositoriesDir, github, slack, bot, shop, monitoring, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type RunningDatabase = Database & { readonly logs: Readonly<Record<string, string>> };

/** Filled while everything else starts; most scenarios need none, and none has to wait for a million rows then. */
async function startDatabase(
  options: Pick<Parameters<typeof startStack>[0], 'dir' | 'machine' | 'scenario' | 'signal' | 'say'>,
  logsUrl: string,
  telemetryToken: string,
): Promise<RunningDatabase | null> {
  const programs = options.machine.postgres;
  if (options.scenario.database === null || programs === null) return null;
  options.say('Filling a PostgreSQL with a million payments');
  const log = shipDatabaseLog(options.scenario.database, logsUrl, telemetryToken);
  const database = await startPaymentsDatabase({
    dir: join(options.dir, 'database'),
    programs,
    onLine: log.push,
    signal: options.signal,
  });
  const stop = async () => {
    await database.stop();
    await log.stop();
  };
  return { ...database, logs: log.labels, stop };
}

/** The catalogue names the place of the credential; the file is for the bot alone. */
async function catalogued(database: RunningDatabase, dir: string): Promise<CataloguedDatabase> {
  const file = join(dir, `${database.name}-database-url`);
  await writeFile(file, database.operatorUrl, { mode: 0o600 });
  return { name: database.name, url: { file }, logs: database.logs };
}

/** What a team would have as its dashboard: the service's answers by status. */
function trafficGraph(prometheusUrl: string, service: string): string {
  const query = new URLSearchParams({
    'g0.expr': `sum by (status) (rate(http_requests_total{service="${service}"}[30s]))`,
    'g0.tab': '0',
    'g0.range_input': '15m',
  });
  return `${prometheusUrl}/graph?${query.toString()}`;
}
