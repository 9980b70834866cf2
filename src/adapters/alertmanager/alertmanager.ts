import type { Alert } from '../../domain/alert.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import { fetchSource, type SourceAuth } from '../../platform/fetch-source.ts';
import type { AlertSource } from '../../ports/alert-source.ts';
import { alertsSchema } from './schema.ts';

export interface AlertmanagerOptions {
  /** Address of the server, with its path prefix if it has one. */
  readonly url: string;
  readonly auth: SourceAuth | null;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export interface Alertmanager extends AlertSource {
  /** Alerts of one notification group that fire now, for deliveries that `max_alerts` cut short. */
  ofGroup(
    group: { readonly receiver: string; readonly labels: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<Alert[]>;
}

type Muted = 'without-muted' | 'with-muted';

/** Alertmanager sends no webhook for what is silenced or inhibited (here: muted), so only `firing` lists it. */
export function createAlertmanager(options: AlertmanagerOptions): Alertmanager {
  const base = options.url.replace(/\/+$/, '');

  async function list(muted: Muted, filters: URLSearchParams, signal: AbortSignal): Promise<Alert[]> {
    const url = new URL(`${base}/api/v2/alerts`);
    const also = String(muted === 'with-muted');
    url.search = `active=true&silenced=${also}&inhibited=${also}&${filters.toString()}`;
    const answer = await fetchSource(
      {
        source: 'Alertmanager',
        setting: 'ALERTMANAGER_URL',
        url,
        auth: options.auth,
        timeoutMs: options.timeoutMs ?? 10_000,
      },
      signal,
    );
    return readAlerts(answer.status, answer.body, base);
  }

  return {
    active: (signal) => list('without-muted', new URLSearchParams(), signal),
    firing: (signal) => list('with-muted', new URLSearchParams(), signal),
    ofGroup({ receiver, labels }, signal) {
      const filters = new URLSearchParams();
      if (receiver !== '') filters.append('receiver', `^(?:${escapeRegExp(receiver)})$`);
      for (const [name, value] of Object.entries(labels))
        filters.append('filter', `${name}=${JSON.stringify(value)}`);
      return list('without-muted', filters, signal);
    },
  };
}

function readAlerts(status: number, body: string, base: string): Alert[] {
  if (status >= 500 || status === 429)
    throw new SourceUnreachable(`Alertmanager answered HTTP ${status}.`, `See whether ${base} is well.`);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  const parsed = alertsSchema.safeParse(json);
  if (status !== 200 || !parsed.success)
    throw new SourceRefused(
      `${base} answered HTTP ${status} with something that is not Alertmanager's list of alerts: ${body.slice(0, 200)}`,
      'Check ALERTMANAGER_URL: it is the address of Alertmanager 0.16 or newer, with its path prefix, without /api/v2.',
    );
  return parsed.data.map(
    (raw): Alert => ({
      fingerprint: raw.fingerprint,
      status: 'firing',
      startsAt: new Date(raw.startsAt),
      labels: raw.labels,
      annotations: raw.annotations ?? {},
      ...(/^https?:\/\//i.test(raw.generatorURL ?? '') ? { generatorUrl: raw.generatorURL ?? '' } : {}),
    }),
  );
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
