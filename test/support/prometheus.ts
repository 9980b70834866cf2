import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface PrometheusSetup {
  /** `host:port` of exporters, scraped every second. */
  readonly targets: readonly string[];
  /** Body of the rules file. */
  readonly rules?: string;
  /** `host:port` of Alertmanagers. */
  readonly alertmanagers?: readonly string[];
  /** User and bcrypt hash that every request must show. */
  readonly basicAuth?: { readonly user: string; readonly hash: string };
  /** Samples that it has from before, in OpenMetrics text. */
  readonly past?: string;
}

/** A real Prometheus that scrapes and evaluates every second. */
export function startPrometheus(setup: PrometheusSetup): Promise<ServerProcess> {
  return startServerProcess({
    programs: ['prometheus'],
    readyPath: '/-/ready',
    async prepare(folder, port) {
      const { rules, alertmanagers = [], basicAuth } = setup;
      await writeFile(path.join(folder, 'rules.yml'), rules ?? 'groups: []\n');
      await writeFile(path.join(folder, 'prometheus.yml'), configOf(setup.targets, alertmanagers));
      if (basicAuth !== undefined)
        await writeFile(
          path.join(folder, 'web.yml'),
          `basic_auth_users: { ${basicAuth.user}: '${basicAuth.hash}' }\n`,
        );
      if (setup.past !== undefined) {
        const file = path.join(folder, 'past.om');
        await writeFile(file, setup.past);
        const into = path.join(folder, 'data');
        await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, into]);
      }
      return [
        `--config.file=${path.join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...(basicAuth === undefined ? [] : [`--web.config.file=${path.join(folder, 'web.yml')}`]),
      ];
    },
  });
}

export interface Exporter {
  /** `host:port`, for `targets`. */
  readonly target: string;
  /** What the next scrape reads, in Prometheus' text format. */
  expose(text: string): void;
  close(): Promise<void>;
}

export async function startExporter(): Promise<Exporter> {
  let exposed = '';
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(exposed);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => resolve());
  await promise;
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    expose(text) {
      exposed = text;
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function configOf(targets: readonly string[], alertmanagers: readonly string[]): string {
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: test
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ${JSON.stringify(alertmanagers)} }]
`;
}
