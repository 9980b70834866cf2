import type { MetricSource } from '../../../ports/metric-source.ts';

/** Questions that are asked of every service, by name. */
export const metricTemplates = [
  'request-rate',
  'error-ratio',
  'refused-ratio',
  'latency',
  'saturation',
  'memory',
  'cpu',
] as const;

export type MetricTemplate = (typeof metricTemplates)[number];

const statusLabels = ['status', 'code', 'status_code', 'http_status_code', 'http_response_status_code'];
const notOwn = /client|outgoing|upstream/;
const saturated =
  /in_?flight|queue|pool|pending|waiting|backlog|utili[sz]ation|saturation|open_fds|connections|eventloop_lag/;
const memory = /resident_memory_bytes|working_set_bytes|memory_usage_bytes|heap_(?:used|size_used)_bytes$/;

export interface TemplateAsk {
  readonly template: MetricTemplate;
  /** Label pairs that select the service’s series. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels to keep apart. */
  readonly by: readonly string[];
  /** 0–1, of `latency`. */
  readonly quantile: number;
  /** Of rates. */
  readonly rangeS: number;
}

/** The PromQL of a template for the metrics that a service has; a clause on what is missing where it has none of the kind. */
export async function writeTemplate(
  metrics: MetricSource,
  ask: TemplateAsk,
  signal: AbortSignal,
): Promise<{ readonly expression: string } | { readonly missing: string }> {
  const names = await metrics.metricNames(ask.labels, signal);
  const range = `[${Math.max(10, Math.ceil(ask.rangeS))}s]`;
  const over = (aggregate: string, inner: string, more: readonly string[] = []): string => {
    const kept = [...ask.by, ...more];
    return `${aggregate}${kept.length === 0 ? '' : ` by (${kept.join(', ')})`} (${inner})`;
  };
  switch (ask.template) {
    case 'request-rate':
    case 'error-ratio':
    case 'refused-ratio': {
      const name = pick(names, /request|http|rpc|call/, /_(?:total|count)$/);
      if (name === undefined) return { missing: 'no counter of requests (…requests_total or …_count)' };
      const all = over('sum', `rate(${select(name, ask.labels)}${range})`);
      if (ask.template === 'request-rate') return { expression: all };
      const status = await statusLabelOf(metrics, name, ask.labels, signal);
      if (status === null) return { missing: `no label of ${name} says how a request ended` };
      const first = ask.template === 'error-ratio' ? '5' : '4';
      const bad = over('sum', `rate(${select(name, ask.labels, `${status}=~"${first}.*"`)}${range})`);
      return { expression: `${bad} / ${all}` };
    }
    case 'latency': {
      const name = pick(names, /duration|latency|seconds|_ms_|millis|time/, /_bucket$/);
      if (name === undefined) return { missing: 'no histogram of request times (…_bucket)' };
      const rates = over('sum', `rate(${select(name, ask.labels)}${range})`, ['le']);
      return { expression: `histogram_quantile(${ask.quantile}, ${rates})` };
    }
    case 'saturation': {
      const found = names.filter((one) => saturated.test(one) && !/_(?:total|count|sum|bucket)$/.test(one));
      return found.length === 0
        ? { missing: 'no gauge of queues, pools, connections or requests in flight' }
        : { expression: over('max', selectAny(found, ask.labels), ['__name__']) };
    }
    case 'memory': {
      const found = names.filter((one) => memory.test(one));
      return found.length === 0
        ? { missing: 'no gauge of memory' }
        : { expression: over('sum', selectAny(found, ask.labels), ['__name__']) };
    }
    case 'cpu': {
      const name = names.find((one) => /cpu_(?:usage_)?seconds_total$/.test(one));
      return name === undefined
        ? { missing: 'no counter of processor seconds' }
        : { expression: over('sum', `rate(${select(name, ask.labels)}${range})`) };
    }
    default:
      return ask.template satisfies never;
  }
}

/** Of several the shortest: it is the one with the fewest special cases in its name. */
function pick(names: readonly string[], about: RegExp, form: RegExp): string | undefined {
  return names
    .filter((name) => about.test(name) && form.test(name) && !notOwn.test(name))
    .toSorted(
      (a, b) => Number(b.startsWith('http')) - Number(a.startsWith('http')) || a.length - b.length,
    )[0];
}

async function statusLabelOf(
  metrics: MetricSource,
  name: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  const samples = await metrics.instant(
    `count by (${statusLabels.join(', ')}) (${select(name, labels)})`,
    signal,
  );
  return statusLabels.find((label) => samples.some((one) => (one.labels[label] ?? '') !== '')) ?? null;
}

function select(name: string, labels: Readonly<Record<string, string>>, more?: string): string {
  return `${name}{${[...pairsOf(labels), ...(more === undefined ? [] : [more])].join(',')}}`;
}

function selectAny(names: readonly string[], labels: Readonly<Record<string, string>>): string {
  return `{${[`__name__=~"${names.slice(0, 40).join('|')}"`, ...pairsOf(labels)].join(',')}}`;
}

function pairsOf(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
}
