import { z } from 'zod';

const labels = z.record(z.string(), z.string());

/** One entry of `GET /api/v2/alerts`. `endsAt` is when it would end if nobody said anything more, so it is not used. */
export const alertsSchema = z.array(
  z.object({
    fingerprint: z.string().min(1),
    startsAt: z.iso.datetime({ offset: true }),
    labels,
    annotations: labels.nullish(),
    generatorURL: z.string().nullish(),
  }),
);
