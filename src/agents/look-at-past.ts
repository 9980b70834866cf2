import { describeShape, describeTrouble } from '../analysis/similarity/describe-shape.ts';
import {
  sayLooksLike,
  sayNoneAlike,
  sayWhatWorked,
  sayWhich,
  whatHelped,
} from '../analysis/similarity/say-past.ts';
import { type IncidentShape, looksLikeStep, type SimilarIncident } from '../domain/past-incident.ts';
import { explainError } from '../platform/errors.ts';
import type { Notebook } from './investigator.ts';
import type { Look } from './look-at-service.ts';
import { observeSimilar } from './tools/similar-incidents.ts';
import type { ToolContext } from './tools/tool.ts';

const mostShown = 3;
/** Of a kind of trouble, to count among the symptoms. */
const kindFrom = 0.45;
const suspectFrom = 0.2;

/**
 * Whether this happened before, right after the first look: what is remembered tells where to look next and proves
 * nothing. The row keeps what the evidence looked like, whether or not anything resembles it.
 * @returns the best one that is like it beyond doubt; null when none is
 */
export async function lookAtPast(
  { assignment, desk }: ToolContext,
  look: Look,
  notebook: Notebook,
): Promise<SimilarIncident | null> {
  const { past } = desk.sources;
  if (past === undefined) return null;
  const { incident, alerts, service } = assignment;
  const { judgement } = look;
  const rows = { incident, alerts, evidence: look.evidence, findings: [], rootCause: undefined };
  const known = describeShape(rows, judgement.own >= suspectFrom ? service.name : null);
  const kinds = [...judgement.kinds].filter(([, weight]) => weight >= kindFrom).map(([kind]) => kind);
  const shape: IncidentShape = { ...known, symptoms: [...new Set([...kinds, ...known.symptoms])] };
  const text = [describeTrouble(rows, shape), ...judgement.reasons.slice(0, 4)].join('\n');
  try {
    const found = await past.similar({ text, shape, exclude: incident.id }, mostShown);
    await notebook.keep('past', observeSimilar(service.name, found, shape));
    const best = found.hits.find((hit) => hit.likeness === 'strong') ?? null;
    if (best === null && found.compared > 0)
      await notebook.step('past', sayNoneAlike(found.compared), 'done');
    if (best !== null) await notebook.step(looksLikeStep, sayLooksLike(best), 'done');
    return best;
  } catch (error) {
    await notebook.limit(`Past incidents could not be compared: ${explainError(error)}`);
    return null;
  }
}

/** What to do with a memory: try whether the same holds now, and begin with what helped. */
export function checksFromPast(hit: SimilarIncident | null): string[] {
  if (hit === null) return [];
  const helped = whatHelped(hit.lesson);
  const why = hit.why[0] === undefined ? '' : ` (${hit.why[0]})`;
  return [
    helped === null
      ? `Compare with ${sayWhich(hit)}${why}: ${sayWhatWorked(hit.lesson)}.`
      : `See whether the cause is that of ${sayWhich(hit)} again${why}: ${sayWhatWorked(hit.lesson)}.`,
  ];
}
