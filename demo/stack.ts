import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BotProcess, startBot } from './bot-process.ts';
import { writeCatalogue } from './catalogue.ts';
import type { Machine } from './check-machine.ts';
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
/** GitHub and Slack are the first two to be started. */
const standIns = 2;

/** Everything of the demo on free ports, started in the order in which one needs the other. */
export async function startStack(options: {
  dir: string;
  machine: Pick<Machine, 'prometheus' | 'alertmanager'>;
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
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    // What talks to the stand-ins goes first, all at once; then the stand-ins.
    const steps = stops.splice(0);
    for (const group of [steps.slice(standIns), steps.slice(0, standIns)])
      await Promise.all(
        group.map((step) => step().catch((error: unknown) => say(`while stopping: ${String(error)}`))),
      );
  };
  const secret = () => randomBytes(24).toString('hex');
  try {
    const repositoriesDir = join(dir, 'repositories');
    await mkdir(repositoriesDir, { recursive: true });
    say('Creating four repositories with their history');
    const repositories = await createShopRepositories(repositoriesDir);
    await checkScenario(options.scenario, repositoriesDir);
    signal.throwIfAborted();

    say('Starting the local GitHub and the local Slack');
    const githubToken = secret();
    const github = await startLocalGithub({ repositoriesDir, owner, token: githubToken });
    stops.push(() => github.stop());
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
    stops.push(() => slack.stop());
    signal.throwIfAborted();
    options.onPage(slack.pageUrl);

    const port = await findFreePort();
    const botUrl = `http://127.0.0.1:${port}`;
    const [webhookToken, telemetryToken, apiToken] = [secret(), secret(), secret()];
    say('Starting the shop and its load');
    const shop = await startShop({
      dir: join(dir, 'releases'),
      repositoriesDir,
      logsUrl: `${botUrl}/telemetry/logs`,
      tracesUrl: `${botUrl}/v1/traces`,
      telemetryToken,
      signal,
    });
    stops.push(() => shop.stop());

    say('Starting Prometheus and Alertmanager');
    const monitoring = await startMonitoring({
      dir: join(dir, 'monitoring'),
      targets: shop.services.map((service) => ({ service: service.name, port: service.port })),
      webhookUrl: `${botUrl}/hooks/alertmanager`,
      webhookToken,
      prometheusCommand: options.machine.prometheus,
      alertmanagerCommand: options.machine.alertmanager,
    });
    stops.push(() => monitoring.stop());
    signal.throwIfAborted();

    say('Starting Warroom');
    const catalogueFile = join(dir, 'warroom.yaml');
    await writeCatalogue(
      catalogueFile,
      repositories.map((one) => one.service),
      (service) => github.gitUrl(service),
      owner,
      (service) => trafficGraph(monitoring.prometheusUrl, service),
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

/** What a team would have as its dashboard: the service's answers by status. */
function trafficGraph(prometheusUrl: string, service: string): string {
  const query = new URLSearchParams({
    'g0.expr': `sum by (status) (rate(http_requests_total{service="${service}"}[30s]))`,
    'g0.tab': '0',
    'g0.range_input': '15m',
  });
  return `${prometheusUrl}/graph?${query.toString()}`;
}
