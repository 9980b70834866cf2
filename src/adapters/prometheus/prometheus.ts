import type { z } from 'zod';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import { fetchSource, type SourceAuth } from '../../platform/fetch-source.ts';
import type { AlertRule, MetricSource, Sample, Series } from '../../ports/metric-source.ts';
import { errorSchema, instantSchema, namesSchema, rangeSchema, rulesSchema } from './schema.ts';

export interface PrometheusOptions {
  /** Address of the server, with its path prefix if it has one. */
  readonly url: string;
  readonly auth: SourceAuth | null;
  /** Of one query, told to the server as well; default 20 s. */
  readonly timeoutMs?: number;
}

/** Prometheus refuses more than 11,000 points a series. */
const maxPoints = 10_000;

/** Anything that speaks Prometheus' HTTP API: VictoriaMetrics, Thanos and Mimir do. */
export function createPrometheus(options: PrometheusOptions): MetricSource {
  const base = options.url.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 20_000;

  async function ask<Schema extends z.ZodType>(
    path: string,
    params: Readonly<Record<string, string>>,
    schema: Schema,
    signal: AbortSignal,
    method: 'GET' | 'POST',
  ): Promise<z.infer<Schema>> {
    const url = new URL(`${base}/api/v1/${path}`);
    const search = new URLSearchParams(params);
    if (method === 'GET') url.search = search.toString();
    const answer = await fetchSource(
      {
        source: 'Prometheus',
        setting: 'PROMETHEUS_URL',
        url,
        auth: options.auth,
        // A moment more than the server has, so that its own words about a slow query arrive.
        timeoutMs: timeoutMs + 1_000,
        ...(method === 'POST' ? { form: search } : {}),
      },
      signal,
    );
    return readAnswer(answer.status, answer.body, schema, base);
  }

  const timeout = `${timeoutMs}ms`;
  return {
    async instant(expression, signal) {
      const { data } = await ask('query', { query: expression, timeout }, instantSchema, signal, 'POST');
      return samplesOf(data);
    },

    async range({ expression, from, to, stepS }, signal) {
      const startS = from.getTime() / 1000;
      const endS = Math.max(to.getTime() / 1000, startS);
      const step = Math.max(stepS, (endS - startS) / maxPoints, 0.001);
      const params = {
        query: expression,
        start: startS.toFixed(3),
        end: endS.toFixed(3),
        step: step.toFixed(3),
        timeout,
      };
      const { data } = await ask('query_range', params, rangeSchema, signal, 'POST');
      return data.result.map(
        ({ metric, values = [] }): Series => ({
          labels: metric,
          times: values.map(([time]) => time),
          values: values.map(([, value]) => numberOf(value)),
        }),
      );
    },

    async alertRules(name, signal) {
      const { data } = await ask('rules', { type: 'alert' }, rulesSchema, signal, 'GET');
      return data.groups
        .flatMap((group) => group.rules)
        .filter((rule) => rule.type === 'alerting' && rule.name === name)
        .map(
          (rule): AlertRule => ({
            name: rule.name,
            expression: rule.query,
            labels: rule.labels ?? {},
            annotations: rule.annotations ?? {},
          }),
        );
    },

    async metricNames(labels, signal) {
      const params = { 'match[]': selectorOf(labels) };
      const { data } = await ask('label/__name__/values', params, namesSchema, signal, 'GET');
      return data ?? [];
    },
  };
}

function readAnswer<Schema extends z.ZodType>(
  status: number,
  body: string,
  schema: Schema,
  base: string,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    if (status >= 500)
      throw new SourceUnreachable(`Prometheus answered HTTP ${status}.`, `See whether ${base} is well.`, {
        cause,
      });
    throw new SourceRefused(
      `${base} answered HTTP ${status} with something that is not Prometheus' JSON.`,
      'Check PROMETHEUS_URL: it is the address of the server, with its path prefix, without /api/v1.',
      { cause },
    );
  }
  const error = errorSchema.safeParse(json);
  if (error.success) throw explain(status, error.data);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new SourceRefused(
    `Prometheus answered HTTP ${status} in a shape that Warroom does not know.`,
    `See whether ${base} speaks Prometheus' HTTP API.`,
    { cause: parsed.error },
  );
}

/** By status rather than `errorType`, because other servers of this API put other words there. */
function explain(status: number, { errorType, error }: z.infer<typeof errorSchema>): Error {
  if (status >= 500 || status === 429)
    return new SourceUnreachable(
      `Prometheus could not answer (${errorType}): ${error}`,
      'Ask for a shorter time or fewer series, or try again later.',
    );
  return new SourceRefused(
    `Prometheus refused the query (${errorType}): ${error}`,
    'Correct the expression.',
  );
}

function samplesOf(data: z.infer<typeof instantSchema>['data']): Sample[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.flatMap(({ metric, value }) =>
        value === undefined ? [] : [{ labels: metric, value: numberOf(value[1]) }],
      );
    case 'scalar':
      return [{ labels: {}, value: numberOf(data.result[1]) }];
    case 'matrix':
      return data.result.flatMap(({ metric, values }) => {
        const last = values?.at(-1);
        return last === undefined ? [] : [{ labels: metric, value: numberOf(last[1]) }];
      });
    case 'string':
      return [];
    default:
      return data satisfies never;
  }
}

function numberOf(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** `{a="b"}`; without labels every series, since the API wants at least one matcher that is not empty. */
function selectorOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.length === 0 ? '__name__=~".+"' : pairs.join(',')}}`;
}
