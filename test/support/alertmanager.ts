import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface Receiver {
  readonly name: string;
  readonly url: string;
  /** As Alertmanager's `http_config`, in flow YAML. */
  readonly httpConfig?: string;
  readonly maxAlerts?: number;
}

export interface AlertmanagerProcess extends ServerProcess {
  /** Raises (or, with `endsAt` in the past, resolves) alerts, as Prometheus does. */
  post(alerts: readonly PostedAlert[]): Promise<void>;
  silence(matchers: Readonly<Record<string, string>>): Promise<void>;
}

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly generatorURL?: string;
}

/**
 * A real Alertmanager. The first receiver gets everything; another one gets the alerts whose label `to` is its name.
 * Groups by alert name, waits 0.2 s, repeats after 2 s.
 */
export async function startAlertmanager(
  receivers: readonly [Receiver, ...Receiver[]],
): Promise<AlertmanagerProcess> {
  const server = await startServerProcess({
    programs: ['alertmanager', 'prometheus-alertmanager'],
    readyPath: '/-/ready',
    async prepare(folder, port) {
      const config = path.join(folder, 'alertmanager.yml');
      await writeFile(config, configOf(receivers));
      return [
        `--config.file=${config}`,
        `--storage.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ];
    },
  });

  async function send(route: string, body: unknown): Promise<void> {
    const response = await fetch(`${server.url}/api/v2/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
  }

  return {
    ...server,
    post: (alerts) => send('alerts', alerts),
    silence: (matchers) =>
      send('silences', {
        matchers: Object.entries(matchers).map(([name, value]) => ({
          name,
          value,
          isRegex: false,
          isEqual: true,
        })),
        startsAt: new Date(Date.now() - 1_000).toISOString(),
        endsAt: new Date(Date.now() + 600_000).toISOString(),
        createdBy: 'test',
        comment: 'test',
      }),
  };
}

function configOf(receivers: readonly [Receiver, ...Receiver[]]): string {
  const [first, ...others] = receivers;
  const routes = others.map(({ name }) => `    - { receiver: ${name}, matchers: ['to="${name}"'] }`);
  const hooks = receivers.map(
    ({ name, url, httpConfig, maxAlerts }) => `  - name: ${name}
    webhook_configs:
      - url: ${url}
        send_resolved: true
        max_alerts: ${maxAlerts ?? 0}
        http_config: ${httpConfig ?? '{}'}`,
  );
  return `
route:
  receiver: ${first.name}
  group_by: [alertname]
  group_wait: 200ms
  group_interval: 1s
  repeat_interval: 2s
  routes:
${routes.length === 0 ? '    []' : routes.join('\n')}
receivers:
${hooks.join('\n')}
`;
}
