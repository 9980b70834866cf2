import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { findFreePort } from '../shop/free-port.ts';
import { type LeashedProcess, startLeashed, waitUntilReady } from './leashed-process.ts';

export interface MonitoringOptions {
  dir: string;
  targets: readonly { service: string; port: number }[];
  webhookUrl: string;
  webhookToken: string;
  /** Path of rules beside `alerts.yml`. */
  moreRules?: string | null;
  prometheusCommand?: string;
  alertmanagerCommand?: string;
}

export interface Monitoring {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Starts a real Prometheus and Alertmanager on free ports with the generic rules of `alerts.yml`. */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const dir = resolve(options.dir);
  const prometheusPort = await findFreePort();
  const alertmanagerPort = await findFreePort();
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  const alertmanagerUrl = `http://127.0.0.1:${alertmanagerPort}`;

  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await copyFile(join(import.meta.dirname, 'alerts.yml'), join(dir, 'alerts.yml'));
  const more = options.moreRules ?? null;
  if (more !== null) await copyFile(more, join(dir, 'more-alerts.yml'));
  await writeFile(
    join(dir, 'prometheus.yml'),
    stringify(prometheusConfig(options.targets, alertmanagerPort, more !== null)),
  );
  await writeFile(join(dir, 'alertmanager.yml'), stringify(alertmanagerConfig(options)), { mode: 0o600 });

  const running: LeashedProcess[] = [];
  async function stop(): Promise<void> {
    await Promise.all(running.map((program) => program.stop()));
  }
  try {
    const alertmanager = startLeashed(options.alertmanagerCommand ?? 'prometheus-alertmanager', [
      `--config.file=${join(dir, 'alertmanager.yml')}`,
      `--storage.path=${join(dir, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ]);
    running.push(alertmanager);
    const prometheus = startLeashed(options.prometheusCommand ?? 'prometheus', [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'prometheus')}`,
      '--storage.tsdb.retention.time=6h',
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      '--log.level=warn',
    ]);
    running.push(prometheus);
    await waitUntilReady('Alertmanager', `${alertmanagerUrl}/-/ready`, alertmanager);
    await waitUntilReady('Prometheus', `${prometheusUrl}/-/ready`, prometheus);
  } catch (error) {
    await stop();
    throw error;
  }
  return { prometheusUrl, alertmanagerUrl, pids: running.map((program) => program.pid), stop };
}

export function prometheusConfig(
  targets: MonitoringOptions['targets'],
  alertmanagerPort: number,
  moreRules = false,
): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml', ...(moreRules ? ['more-alerts.yml'] : [])],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    scrape_configs: [
      {
        job_name: 'services',
        honor_labels: true,
        static_configs: targets.map(({ service, port }) => ({
          targets: [`127.0.0.1:${port}`],
          labels: { service },
        })),
      },
    ],
  };
}

export function alertmanagerConfig({ webhookUrl, webhookToken }: MonitoringOptions): object {
  return {
    route: {
      receiver: 'warroom',
      group_by: ['severity'],
      group_wait: '1s',
      group_interval: '2s',
      repeat_interval: '1m',
    },
    receivers: [
      {
        name: 'warroom',
        webhook_configs: [
          {
            url: webhookUrl,
            send_resolved: true,
            http_config: { authorization: { type: 'Bearer', credentials: webhookToken } },
          },
        ],
      },
    ],
  };
}
