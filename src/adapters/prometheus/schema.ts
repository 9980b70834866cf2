import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);

export const errorSchema = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** Native histograms come as `histogram` instead of `value`; such series are passed over. */
export const instantSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: labels, value: point.optional() })),
    }),
    z.object({ resultType: z.literal('scalar'), result: point }),
    z.object({ resultType: z.literal('string'), result: z.tuple([z.number(), z.string()]) }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(point).optional() })),
    }),
  ]),
});

export const rangeSchema = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(point).optional() })),
  }),
});

export const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            name: z.string(),
            type: z.string(),
            query: z.string(),
            labels: labels.nullish(),
            annotations: labels.nullish(),
          }),
        ),
      }),
    ),
  }),
});

export const namesSchema = z.object({ data: z.array(z.string()).nullish() });
