import { describeShape, describeTrouble } from '../analysis/similarity/describe-shape.ts';
import type { SimilarIncidents } from '../domain/past-incident.ts';
import type { Record, Rows } from '../ports/record.ts';

export interface AskedSimilar {
  /** What a person typed: words, or the id of an incident. */
  readonly text: string;
  /** Without words: the incident that they ask about. */
  readonly incidentId: string | null;
}

export interface FoundSimilar extends SimilarIncidents {
  /** What was compared: words, or an incident by its title. */
  readonly about: string;
}

/** Past incidents like a text, or like an incident with all that its rows say so far; null when nothing was asked. */
export async function findSimilar(
  record: Pick<Record, keyof Rows>,
  { text, incidentId }: AskedSimilar,
  limit: number,
): Promise<FoundSimilar | null> {
  const words = text.trim();
  const id = words === '' ? incidentId : words;
  const incident = id === null || /\s/.test(id) ? undefined : await record.incidents.get(id);
  if (incident === undefined) {
    if (words === '') return null;
    const found = await record.knowledge.similar({ text: words, shape: null, exclude: null }, limit);
    return { about: `“${words}”`, ...found };
  }
  const rows = {
    incident,
    alerts: await record.alerts.ofIncident(incident.id),
    evidence: await record.evidence.ofIncident(incident.id),
    findings: await record.findings.ofIncident(incident.id),
    rootCause: await record.rootCauses.get(incident.id),
  };
  const shape = describeShape(rows);
  const query = { text: describeTrouble(rows, shape), shape, exclude: incident.id };
  return { about: incident.title, ...(await record.knowledge.similar(query, limit)) };
}
