import type { Policy } from './config/policy.ts';
import { type CheckResult, check, missing, Nothing, ok } from './doctor-check.ts';
import { examineAuthority, examineTargets, type TargetParts } from './doctor-targets.ts';
import { type Catalogue, neighboursOf, type Service } from './domain/service.ts';
import type { AlertSource } from './ports/alert-source.ts';
import type { CodeHost } from './ports/code-host.ts';
import type { Directory } from './ports/directory.ts';
import type { LanguageModel } from './ports/language-model.ts';
import type { MetricSource } from './ports/metric-source.ts';
import type { SandboxProvider } from './ports/sandbox.ts';

/** Each connection by itself, not yet made; null is not configured. None of them changes anything. */
export interface DoctorParts {
  readonly catalogue: () => Promise<{ catalogue: Catalogue; policy: Policy }>;
  readonly targets: (clusters: Catalogue['clusters']) => TargetParts;
  readonly record: () => Promise<string>;
  readonly queue: () => Promise<string>;
  readonly metrics: MetricSource | null;
  readonly alertSource: AlertSource | null;
  /** By the clone address. */
  readonly branchHead: (service: Service, signal: AbortSignal) => Promise<string>;
  readonly codeHost: CodeHost | null;
  readonly slack: { readonly whoWeAre: () => Promise<string>; readonly directory: Directory } | null;
  readonly sandbox: (clusters: Catalogue['clusters']) => SandboxProvider;
  readonly model: LanguageModel | null;
}

/**
 * Tries every connection and permission as the bot would use it, one after the other and all of them, whatever fails.
 * Writes nothing anywhere: no migration, no folder, no server of its own.
 */
export async function* examine(parts: DoctorParts): AsyncGenerator<CheckResult> {
  let catalogue: Catalogue = { services: [], clusters: [] };
  let policy: Policy | null = null;
  yield await check('catalogue', async () => {
    ({ catalogue, policy } = await parts.catalogue());
    const names = catalogue.services.map((service) => service.name);
    return `${names.length} services: ${names.join(', ')}`;
  });
  const { services } = catalogue;
  yield await check('record', parts.record);
  yield await check('queue', parts.queue);

  const { metrics, alertSource, codeHost, slack, model } = parts;
  if (metrics === null)
    yield missing('metrics', 'Set PROMETHEUS_URL: without metrics no fix can be verified.');
  else {
    yield await check('metrics', async (signal) => {
      await metrics.instant('vector(1)', signal);
      return 'Prometheus answers';
    });
    for (const service of services) {
      yield await check(`metrics of ${service.name}`, async (signal) => {
        const names = await metrics.metricNames(service.metrics, signal);
        if (names.length === 0)
          throw new Nothing(
            `no series has ${JSON.stringify(service.metrics)}`,
            'Correct `metrics` of this service in the catalogue.',
          );
        return `${names.length} metrics`;
      });
    }
  }
  if (alertSource === null)
    yield missing('alerts', 'Set ALERTMANAGER_URL: without it an alert whose webhook is lost stays lost.');
  else
    yield await check(
      'alerts',
      async (signal) => `Alertmanager answers; ${(await alertSource.active(signal)).length} firing`,
    );

  for (const service of services) {
    yield await check(
      `source of ${service.name}`,
      async (signal) => `head ${(await parts.branchHead(service, signal)).slice(0, 12)}`,
    );
    if (codeHost !== null) {
      yield await check(
        `code host of ${service.name}`,
        async (signal) =>
          `branch ${service.repository.branch} at ${(await codeHost.branchHead(service, signal)).slice(0, 12)}`,
      );
    }
    if (service.dependsOn.length === 0 && neighboursOf(catalogue, service.name).length === 0) {
      yield missing(
        `neighbours of ${service.name}`,
        'Nothing calls it and it calls nothing: fill in `dependsOn`, or its failures stand alone.',
      );
    }
  }
  if (codeHost === null)
    yield missing(
      'code host',
      'Set GITHUB_TOKEN or the GITHUB_APP_ variables: without it no fix can be offered.',
    );

  if (slack === null)
    yield missing(
      'slack',
      'Set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN): without it there is no room and no click.',
    );
  else {
    yield await check('slack', slack.whoWeAre);
    for (const service of services) {
      yield await check(`approvers of ${service.name}`, async (signal) => {
        const people = await slack.directory.members([...service.approvers, ...service.onCall], signal);
        if (people.size === 0)
          throw new Nothing(
            'nobody may approve',
            'Name a Slack user or a group with members under `approvers`.',
          );
        return `${people.size} people`;
      });
    }
  }
  if (policy !== null) yield* examineAuthority(policy, slack?.directory ?? null);
  yield* examineTargets(services, parts.targets(catalogue.clusters));
  yield await check('sandbox', async (signal) => {
    const sandbox = parts.sandbox(catalogue.clusters);
    try {
      const why = await sandbox.unavailable(signal);
      if (why !== null) throw new Nothing(why, 'Until then investigations only read.');
      return 'code can be run';
    } finally {
      await sandbox.close();
    }
  });
  if (model === null) yield ok('investigator', 'evidence (no ANTHROPIC_API_KEY)');
  else {
    yield await check('investigator', async (signal) => {
      const turn = await model.turn(
        {
          system: [],
          messages: [{ role: 'user', blocks: [{ type: 'text', text: 'Answer: ok' }] }],
          tools: [],
          maxOutputTokens: 64,
        },
        signal,
      );
      return `claude answers as ${turn.model}`;
    });
  }
}
