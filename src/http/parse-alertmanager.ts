import { z } from 'zod';
import type { Alert } from '../domain/alert.ts';
import { jsonText } from '../platform/json-text.ts';

/** The group that a delivery speaks for, in Alertmanager's words. */
export interface AlertGroup {
  readonly groupKey: string;
  readonly receiver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How many alerts of the group `max_alerts` left out of this delivery. */
  readonly truncated: number;
}

export type ParsedDelivery =
  | {
      readonly kind: 'alerts';
      readonly alerts: readonly Alert[];
      readonly group: AlertGroup;
      /** Alerts of the same delivery that make no sense; they do not hold up the others. */
      readonly rejected: readonly { readonly body: string; readonly reason: string }[];
    }
  | { readonly kind: 'unparseable'; readonly reason: string };

const labelSet = z.record(z.string(), z.string());

// Go writes "no time" as the year 1, and years beyond 9999 have no ISO form that a database reads.
const earliest = Date.UTC(1990, 0, 1);
const latest = Date.UTC(9999, 0, 1);
const time = z.string().transform((value, context) => {
  const ms = Date.parse(value);
  if (Number.isNaN(ms) || ms >= latest) {
    context.addIssue({ code: 'custom', message: 'is not a time' });
    return z.NEVER;
  }
  return ms < earliest ? null : new Date(ms);
});

const alertSchema = z
  .object({
    status: z.enum(['firing', 'resolved']),
    labels: labelSet,
    annotations: labelSet.nullish(),
    startsAt: time.refine((value) => value !== null, 'is not a time'),
    endsAt: time.nullish(),
    generatorURL: z.unknown(),
    fingerprint: z.string().min(1).max(200),
  })
  .transform(
    (raw): Alert => ({
      fingerprint: raw.fingerprint,
      status: raw.status,
      startsAt: raw.startsAt as Date,
      ...(raw.status === 'resolved' && raw.endsAt != null ? { endsAt: raw.endsAt } : {}),
      labels: raw.labels,
      annotations: raw.annotations ?? {},
      ...webLink(raw.generatorURL),
    }),
  );

const deliverySchema = z.object({
  alerts: z.array(z.unknown()),
  receiver: z.string().catch(''),
  groupKey: z.string().catch(''),
  groupLabels: labelSet.catch({}),
  truncatedAlerts: z.number().int().min(0).catch(0),
});

/** Lenient to fields that it does not use, strict on those it does. Never throws. */
export function parseAlertmanager(bytes: Uint8Array): ParsedDelivery {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { kind: 'unparseable', reason: 'not JSON in UTF-8' };
  }
  const delivery = deliverySchema.safeParse(json);
  if (!delivery.success) return { kind: 'unparseable', reason: explain(delivery.error) };

  const { alerts: raw, receiver, groupKey, groupLabels, truncatedAlerts } = delivery.data;
  const alerts: Alert[] = [];
  const rejected: { body: string; reason: string }[] = [];
  for (const one of raw) {
    const parsed = alertSchema.safeParse(one);
    if (parsed.success) alerts.push(parsed.data);
    else
      rejected.push({
        body: jsonText(one) ?? '(nested too deeply to be kept)',
        reason: explain(parsed.error),
      });
  }
  return {
    kind: 'alerts',
    alerts,
    rejected,
    group: { groupKey, receiver, labels: groupLabels, truncated: truncatedAlerts },
  };
}

function explain(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
    .map((line) => line.slice(0, 200))
    .join('; ');
}

/** Only what may stand behind a link in Slack or on a page. */
function webLink(value: unknown): { generatorUrl?: string } {
  if (typeof value !== 'string') return {};
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && value.length <= 8_000
    ? { generatorUrl: value }
    : {};
}
