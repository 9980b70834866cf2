import { readFile } from 'node:fs/promises';
import type { Alertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { acceptAlerts } from '../../src/flow/index.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { createMetrics, type Metrics } from '../../src/platform/metrics.ts';

const token = 'hook-token-of-the-tests';
const basic = { user: 'alertmanager', password: 'basic-password' };
const captures = new URL('../fixtures/alertmanager/', import.meta.url);

export interface FlowHttp {
  readonly metrics: Metrics;
  /** Sends a capture as it was sent, byte by byte and with its headers; the credentials, cut out of it, are put back. */
  deliver(capture: string): Promise<Delivered>;
  close(): Promise<void>;
}

export interface Delivered {
  readonly status: number;
  readonly accepted?: number;
  readonly fresh?: number;
  readonly quarantined?: number;
}

/** The HTTP side with the flow behind it, joined as `compose.ts` joins them. */
export async function startFlowHttp(
  flow: FlowContext,
  alertmanager: Alertmanager | null = null,
): Promise<FlowHttp> {
  const metrics = createMetrics();
  const linkSecret = 'a secret for the links of the tests';
  const closed = { bearer: null, basic: null };
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    portSetting: 'PORT',
    log: flow.log,
    metrics,
    routes: createRoutes({
      record: flow.record,
      telemetry: flow.telemetry,
      links: flow.links,
      linkSecret,
      hookCredentials: { bearer: token, basic, setting: 'ALERTMANAGER_WEBHOOK_TOKEN' },
      telemetryCredentials: { ...closed, setting: 'TELEMETRY_TOKEN' },
      apiCredentials: { ...closed, setting: 'WARROOM_API_TOKEN' },
      acceptAlerts: (alerts) => acceptAlerts(flow, alerts),
      completeTruncated:
        alertmanager === null
          ? null
          : async (group, signal) => {
              await acceptAlerts(flow, await alertmanager.ofGroup(group, signal));
            },
      metrics,
      log: flow.log,
      now: () => flow.clock.now(),
    }),
  });

  return {
    metrics,
    async deliver(capture) {
      const response = await fetch(`${server.url}/hooks/alertmanager`, {
        method: 'POST',
        headers: await headersOf(capture),
        body: await readFile(new URL(capture, captures)),
      });
      return { status: response.status, ...((await response.json()) as object) };
    },
    close: () => server.close(),
  };
}

/** The captures, oldest first. */
export async function listCaptures(): Promise<{ file: string; headers: Record<string, string> }[]> {
  const all = JSON.parse(await readFile(new URL('headers.json', captures), 'utf8')) as {
    file: string;
    headers: Record<string, string>;
    receivedAtOffsetSeconds: number;
  }[];
  return all.sort((a, b) => a.receivedAtOffsetSeconds - b.receivedAtOffsetSeconds);
}

async function headersOf(capture: string): Promise<Record<string, string>> {
  const { host: _host, ...headers } =
    (await listCaptures()).find((one) => one.file === capture)?.headers ?? {};
  const asBasic = `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`;
  return {
    ...headers,
    authorization: headers['authorization']?.startsWith('Basic') === true ? asBasic : `Bearer ${token}`,
  };
}
