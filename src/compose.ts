import path from 'node:path';
import { askBranchHead } from './adapters/git/ask-branch-head.ts';
import { createGit } from './adapters/git/git.ts';
import { createPromqlChecker } from './adapters/lezer-promql/promql-checker.ts';
import { createSymbolReader } from './adapters/tree-sitter/symbol-reader.ts';
import { recordAnswerer } from './agents/answer-question.ts';
import { createClaudeAnswerer } from './agents/claude/claude-answerer.ts';
import { createClaudeInvestigator } from './agents/claude/claude-investigator.ts';
import { createEvidenceInvestigator } from './agents/evidence-investigator.ts';
import { followSteers } from './agents/follow-steers.ts';
import type { Sources } from './agents/investigator.ts';
import { composeRemedies, composeTargets } from './compose/compose-remedies.ts';
import { composeSandboxes } from './compose/compose-sandboxes.ts';
import { connectOutside } from './compose/connect-outside.ts';
import { connectSlack } from './compose/connect-slack.ts';
import { environmentSecrets, learnCatalogue } from './compose/learn-secrets.ts';
import { maskSources } from './compose/mask-sources.ts';
import { readCatalogue } from './config/catalogue.ts';
import { ConfigInvalid, type Environment } from './config/environment.ts';
import type { DoctorParts } from './doctor.ts';
import { auditKeyOf } from './domain/audit-seal.ts';
import type { FlowContext } from './flow/context.ts';
import { acceptAlerts } from './flow/index.ts';
import { createRoutes } from './http/routes.ts';
import { startHttpServer } from './http/server.ts';
import { createBullQueue } from './jobs/bull-queue.ts';
import { examineRedis } from './jobs/examine-redis.ts';
import { createPushFetcher } from './jobs/push-fetcher.ts';
import { startReconciler } from './jobs/reconciler.ts';
import { connectRedis } from './jobs/redis.ts';
import { startSandboxSweeper } from './jobs/sandbox-sweeper.ts';
import { startWorkers } from './jobs/workers.ts';
import { systemClock } from './platform/clock.ts';
import type { KnownSecrets } from './platform/known-secrets.ts';
import type { Log } from './platform/log.ts';
import { createMetrics } from './platform/metrics.ts';
import { createShutdown, type Shutdown } from './platform/shutdown.ts';
import { createLinks } from './platform/signed-links.ts';
import type { AuditDesk } from './ports/audit.ts';
import type { SlackApp } from './slack/app.ts';
import { askWhoWeAre } from './slack/ask-who-we-are.ts';
import { createDirectory } from './slack/directory.ts';
import { createWebClient } from './slack/web-client.ts';
import { openAuditDesk, rekey } from './store/audit-desk.ts';
import { examineRecord } from './store/examine-record.ts';
import { openRecord } from './store/open-record.ts';

export interface RunningProcess {
  /** Where it listens; null for a worker alone. */
  readonly url: string | null;
  stop(): Promise<void>;
}

/** Bull keeps its keys together under this prefix. */
const queuePrefix = 'warroom';

/** All roles in one process: webhooks, Slack, workers, reconciler. */
export async function startServer(
  env: Environment,
  log: Log,
  secrets: KnownSecrets = environmentSecrets(env),
): Promise<RunningProcess> {
  const shutdown = createShutdown(log);
  try {
    const core = await composeCore(env, log, secrets, shutdown);
    const { flow, slack } = connectSlack(env, core.flow, log);
    const url = await listen(env, core, flow, slack, shutdown);
    if (slack === null) log.warn({}, 'no Slack is connected (SLACK_BOT_TOKEN): the room waits in the record');
    else {
      await slack.start();
      shutdown.add('slack', () => slack.stop());
    }
    startWork(core, flow, shutdown);
    shutdown.add('reconciler', startReconciler(flow));
    return { url, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** A worker alone, beside servers on the same PostgreSQL and Redis. */
export async function startWorker(
  env: Environment,
  log: Log,
  secrets: KnownSecrets = environmentSecrets(env),
): Promise<RunningProcess> {
  if (env.DATABASE_URL === null || env.REDIS_URL === null) {
    throw new ConfigInvalid(
      'A worker alone shares its work through PostgreSQL and Redis, and the embedded ones serve one process only.',
      'Set DATABASE_URL and REDIS_URL for the server and for every worker.',
    );
  }
  const shutdown = createShutdown(log);
  try {
    const core = await composeCore(env, log, secrets, shutdown);
    startWork(core, core.flow, shutdown);
    return { url: null, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** Brings the record up to this version and does nothing else. */
export async function migrateRecord(env: Environment, log: Log): Promise<void> {
  const store = await openRecord(recordOptions(env, log));
  await store.close();
}

/** The audit as an operator reads it: nothing is migrated, and nothing is written. */
export function openAudit(env: Environment, log: Log): Promise<AuditDesk> {
  return openAuditDesk(recordOptions(env, log));
}

/** Seals the record with today's secret in place of `oldSecret`. */
export function rekeyAudit(env: Environment, log: Log, oldSecret: string): Promise<void> {
  return rekey(recordOptions(env, log), auditKeyOf(oldSecret));
}

/** Every connection by itself: none is made here, and none needs another one. */
export function openForDoctor(env: Environment, log: Log): DoctorParts {
  const outside = connectOutside(env);
  const client =
    env.SLACK_BOT_TOKEN === null ? null : createWebClient(env.SLACK_BOT_TOKEN, env.SLACK_API_URL, log);
  return {
    ...outside,
    catalogue: () => readCatalogue(env.CATALOGUE_FILE),
    targets: (clusters) => composeTargets(clusters),
    sandbox: (clusters) => composeSandboxes(env, clusters),
    record: () => examineRecord(recordOptions(env, log)),
    queue: () => examineRedis(env.REDIS_URL),
    branchHead: (service, signal) => askBranchHead(service, outside.credentials, signal),
    slack:
      client === null ? null : { whoWeAre: () => askWhoWeAre(client), directory: createDirectory(client) },
  };
}

type Core = Awaited<ReturnType<typeof composeCore>>;

async function composeCore(env: Environment, log: Log, known: KnownSecrets, shutdown: Shutdown) {
  const { catalogue, policy: written } = await readCatalogue(env.CATALOGUE_FILE);
  const policy = {
    ...written,
    linkHosts: [...written.linkHosts, ...monitorHosts(env)],
    // A run for comparison is set where it is started.
    investigation: {
      ...written.investigation,
      agents: env.INVESTIGATION_AGENTS ?? written.investigation.agents,
    },
  };
  const store = await openRecord({ ...recordOptions(env, log), secrets: known });
  shutdown.add('record', () => store.close());
  const redis = await connectRedis(env.REDIS_URL, env.DATA_DIR, log);
  shutdown.add('redis', () => redis.close());
  const queue = createBullQueue(redis.client, queuePrefix);
  shutdown.add('queue', () => queue.close());
  log.info(
    { record: store.driver, queue: redis.engine, services: catalogue.services.length },
    'record and queue are open',
  );

  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  const { metrics, alertSource, codeHost, credentials, modelNamed } = connectOutside(env, known);
  const sandbox = composeSandboxes(env, catalogue.clusters);
  shutdown.add('sandboxes', () => sandbox.close());
  const source = createGit({
    cacheDir: path.join(env.DATA_DIR, 'git'),
    cacheBytes: env.MIRROR_CACHE_GB * 1e9,
    credentials,
    log,
  });
  const { secrets, remedies, inspector, indexTrial, seeds, statements, queries } = composeRemedies({
    catalogue,
    source,
    codeHost,
    sandbox,
    known,
  });
  await learnCatalogue(catalogue, secrets);
  const unmasked: Sources = {
    metrics,
    logs: store.telemetry,
    traces: store.telemetry,
    source,
    sandbox,
    databases: inspector,
    statements,
    queries,
    symbols: createSymbolReader(),
    queryChecker: createPromqlChecker(),
    indexTrial,
    seeds,
    past: store.record.knowledge,
    changes: store.telemetry,
  };
  const sources = maskSources(unmasked, known);
  const engine = createEvidenceInvestigator(sources);
  const evidence = followSteers(engine, sources);
  const investigating = modelNamed(policy.agents.models.investigate);
  const answering = modelNamed(policy.agents.models.answer);
  const flow: FlowContext = {
    record: store.record,
    catalogue,
    policy,
    sources,
    telemetry: store.telemetry,
    investigator:
      investigating === null
        ? evidence
        : createClaudeInvestigator({
            model: investigating,
            sources,
            briefing: engine,
            record: store.record,
            conversations: store.record.conversations,
            policy: policy.agents,
          }),
    evidence,
    answerer: answering === null ? recordAnswerer : createClaudeAnswerer(answering, recordAnswerer, log),
    alertSource,
    remedies,
    audit: store.audit,
    codeHost,
    directory: null,
    queue,
    links: createLinks(publicUrl, env.WARROOM_SECRET),
    clock: systemClock,
    log,
  };
  return { flow, redis, alertSource };
}

function recordOptions(env: Environment, log: Log) {
  return {
    databaseUrl: env.DATABASE_URL,
    dataDir: path.join(env.DATA_DIR, 'record'),
    auditKey: auditKeyOf(env.WARROOM_SECRET),
    log,
  };
}

async function listen(
  env: Environment,
  core: Core,
  flow: FlowContext,
  slack: SlackApp | null,
  shutdown: Shutdown,
): Promise<string> {
  const metrics = createMetrics();
  const { alertSource } = core;
  const { catalogue, sources, log } = flow;
  const pushes = createPushFetcher({ services: catalogue.services, source: sources.source, log });
  shutdown.add('push fetcher', () => pushes.close());
  const server = await startHttpServer({
    host: env.HOST,
    port: env.PORT,
    portSetting: 'PORT',
    metrics,
    log: flow.log,
    routes: createRoutes({
      record: flow.record,
      telemetry: flow.telemetry,
      links: flow.links,
      linkSecret: env.WARROOM_SECRET,
      hookCredentials: {
        bearer: env.ALERTMANAGER_WEBHOOK_TOKEN,
        basic:
          env.ALERTMANAGER_WEBHOOK_USER === null || env.ALERTMANAGER_WEBHOOK_PASSWORD === null
            ? null
            : { user: env.ALERTMANAGER_WEBHOOK_USER, password: env.ALERTMANAGER_WEBHOOK_PASSWORD },
        setting: 'ALERTMANAGER_WEBHOOK_TOKEN',
      },
      telemetryCredentials: { bearer: env.TELEMETRY_TOKEN, basic: null, setting: 'TELEMETRY_TOKEN' },
      apiCredentials: { bearer: env.WARROOM_API_TOKEN, basic: null, setting: 'WARROOM_API_TOKEN' },
      acceptAlerts: (alerts) => acceptAlerts(flow, alerts),
      github: { secret: env.GITHUB_WEBHOOK_SECRET, onPush: (push) => pushes.notify(push) },
      completeTruncated:
        alertSource === null
          ? null
          : async (group, signal) => {
              await acceptAlerts(flow, await alertSource.ofGroup(group, signal));
            },
      metrics,
      log: flow.log,
      now: () => flow.clock.now(),
    }),
    ...(slack === null ? {} : { fallback: slack.listener }),
  });
  shutdown.add('http', () => server.close());
  return server.url;
}

function startWork(core: Core, flow: FlowContext, shutdown: Shutdown): void {
  const workers = startWorkers(flow, core.redis.client, queuePrefix);
  shutdown.add('workers', () => workers.close(10_000));
  shutdown.add('sandbox sweeper', startSandboxSweeper(flow.sources.sandbox, flow.log));
}

/** Where operators said that their monitors are: alerts link to them. */
function monitorHosts(env: Environment): string[] {
  return [env.PROMETHEUS_URL, env.ALERTMANAGER_URL].flatMap((url) =>
    url === null ? [] : (URL.parse(url)?.hostname ?? []),
  );
}
