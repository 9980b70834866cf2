import { z } from 'zod';
import { latestSeconds, notSeconds } from '../requests/request.ts';

const name = z.string().min(1).max(300);
/** Unix seconds. */
const seconds = z.number().max(latestSeconds, notSeconds);
const id = z.union([z.string(), z.number()]).transform(String);

const span = z.object({
  trace: id,
  span: id,
  parent: id.nullable().optional().default(null),
  service: name,
  operation: z.string().transform((value) => value.slice(0, 2000)),
  startUs: z.number(),
  // Clocks of two machines can make it negative.
  durationUs: z.number().transform((value) => Math.max(0, value)),
  error: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
});

/** What is known of an incident; any part but the time may be missing. */
export const incidentInput = z.object({
  id: z.union([z.string(), z.number()]),
  incidentAt: seconds,
  services: z.array(name).nullish(),
  /** Caller and callee. */
  graph: z.array(z.tuple([name, name])).nullish(),
  symptom: z.object({ service: name, metric: z.string().nullish() }).nullish(),
  metrics: z
    .array(
      z
        .object({
          service: name,
          metric: z.string(),
          /** Of a counter its rate is looked at; null or missing where its name and values are to tell. */
          kind: z.enum(['gauge', 'counter']).nullish(),
          times: z.array(seconds),
          values: z.array(z.number().nullable()),
        })
        .refine(({ times, values }) => times.length === values.length, {
          error: 'has not as many values as times',
          path: ['values'],
        }),
    )
    .nullish(),
  traces: z.object({ normal: z.array(span).nullish(), incident: z.array(span).nullish() }).nullish(),
  logs: z.array(z.object({ service: name, time: seconds, line: z.string() })).nullish(),
});

export type IncidentInput = z.infer<typeof incidentInput>;
export type IncidentMetric = NonNullable<IncidentInput['metrics']>[number];

export interface RankedService {
  readonly service: string;
  /** 0–1: how probable it is that the trouble begins here; all services and "none of them" share one. */
  readonly score: number;
  /** In words, strongest first, each with the numbers it rests on. */
  readonly reasons: readonly string[];
}

export interface IncidentAnswer {
  readonly id: string | number;
  readonly ranking: readonly RankedService[];
  /** Unix seconds at which the first thing left what is usual; null where nothing did. */
  readonly onset: number | null;
  /** "likely": the first stands out from the others. "unclear": something is wrong, several could be where it begins. */
  readonly outcome: 'likely' | 'unclear' | 'nothing stands out';
}
