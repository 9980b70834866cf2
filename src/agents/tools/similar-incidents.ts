import { z } from 'zod';
import {
  quiet,
  sayLasted,
  sayNoneAlike,
  sayWhatWorked,
  sayWhich,
} from '../../analysis/similarity/say-past.ts';
import type { Observation } from '../../domain/evidence.ts';
import { type IncidentShape, type SimilarIncidents, shapeless } from '../../domain/past-incident.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { defineTool, nothing } from './tool.ts';

const mostText = 400;

export const similarIncidentsTool = defineTool({
  name: 'similar_incidents',
  description:
    'Past incidents that resemble this one by words, error texts and symptoms, with their cause, what was tried and whether it helped. They tell where to look; they prove nothing of this incident, and no claim may rest on them alone.',
  input: z.object({
    text: z.string().min(3).max(4_000).describe('Error texts, identifiers, symptoms, in your own words.'),
    service: z
      .string()
      .optional()
      .describe('Only counts for the comparison: where you think that it begins.'),
    errors: z.array(z.string().max(100)).max(10).default([]).describe('Classes of errors or status codes.'),
    limit: z.number().int().min(1).max(8).default(4),
  }),
  async run({ assignment, desk }, { text, service, errors, limit }) {
    const own = assignment.service.name;
    const { past } = desk.sources;
    if (past === undefined) return [nothing('past', own, title, 'Past incidents cannot be read here.', text)];
    const blamed = service ?? null;
    const shape: IncidentShape | null =
      blamed === null && errors.length === 0 ? null : { ...shapeless, blamed, errors };
    const found = await past.similar({ text, shape, exclude: assignment.incident.id }, limit);
    return [observeSimilar(own, found, shape, text)];
  },
});

const title = 'Similar past incidents';

/**
 * What resembles it, and what was done then. Rows of this kind carry no plan and no claim.
 * @param shape what was compared: the row keeps it, so that this incident can be found by it later
 */
export function observeSimilar(
  service: string,
  { compared, hits }: SimilarIncidents,
  shape: IncidentShape | null,
  asked = 'words and shape of the evidence against past incidents',
): Observation {
  const shown = hits.filter((hit) => hit.likeness !== 'weak');
  const [best] = shown;
  const among = `${compared} past ${compared === 1 ? 'incident' : 'incidents'}`;
  return {
    kind: 'past',
    service,
    title,
    summary:
      best === undefined
        ? sayNoneAlike(compared)
        : `${best.likeness === 'strong' ? 'Much' : 'Somewhat'} like ${sayWhich(best)} of ${among}: ${sayWhatWorked(best.lesson)}.`,
    query: quiet(asked, mostText),
    data: {
      ...(shape === null ? {} : { shape: shape as unknown as Json }),
      incidents: shown.map((hit) => ({
        incident: hit.incidentId,
        at: hit.at.toISOString(),
        title: quiet(hit.title, mostText),
        likeness: hit.likeness,
        score: hit.score,
        parts: hit.parts,
        why: hit.why,
        outcome: hit.lesson?.outcome ?? null,
        service: hit.lesson?.service ?? null,
        cause: quiet(hit.lesson?.cause ?? '', mostText),
        commit:
          hit.lesson?.commit == null
            ? null
            : quiet(`${hit.lesson.commit.sha.slice(0, 12)} ${hit.lesson.commit.subject}`, mostText),
        remedies: (hit.lesson?.remedies ?? []).slice(0, 6).map((one) => ({
          kind: one.kind,
          service: one.service,
          what: quiet(one.summary, mostText),
          became: one.became,
          reason: one.reason === null ? null : quiet(one.reason, mostText),
        })),
        lasted: sayLasted(hit.lesson),
      })),
    },
    empty: best === undefined,
  };
}
