import { remedyKinds } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { explainError } from '../../platform/errors.ts';
import type { Record as IncidentRecord } from '../../ports/record.ts';
import type { Candidates, LeftOut } from './allot.ts';
import type { Tree } from './read-tree.ts';
import { scoreRelevance } from './score-relevance.ts';
import { makeUnit, type Unit } from './unit.ts';

/** What past incidents are read from. */
export type PastRecord = Pick<IncidentRecord, 'incidents' | 'knowledge' | 'plans' | 'timeline'>;

export interface KnowledgeParts {
  /** Null: the record cannot be read here. */
  readonly record: PastRecord | null;
  readonly service: Service;
  /** Of the incident that is looked into; it does not explain itself. */
  readonly incidentId: string | null;
  readonly own: Tree;
  /** Paths that the core layer has already. */
  readonly inCore: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** More would not be a few, and the twentieth resembles nothing. */
const mostPast = 24;
const pastRead = 300;
const mostRejections = 8;
const decision = /(^|\/)(adrs?|decisions|postmortems?|rfcs?|runbooks?)\/.*\.(md|mdx|adoc|rst|txt)$/i;

/** Past incidents with what was done and decided in them, rejected fixes, and decisions of the repository: the most similar. */
export async function knowledgeCandidates(parts: KnowledgeParts): Promise<Candidates> {
  const leftOut: LeftOut[] = [];
  const documents = [...(await pastIncidents(parts, leftOut)), ...decisionsOf(parts, leftOut)];
  const scores = scoreRelevance(
    parts.words,
    documents.map((one) => one.text),
  );
  const ranked = documents
    .map((one, index) => ({ ...one, relevance: (scores[index] ?? 0) + one.bonus }))
    .toSorted((a, b) => b.relevance - a.relevance || (a.key < b.key ? -1 : 1));
  const units: Unit[] = ranked.slice(0, mostPast).map((one) => makeUnit(one));
  for (const one of ranked.slice(mostPast))
    leftOut.push({
      key: one.key,
      title: one.title,
      tokens: 0,
      why: `less similar than the ${mostPast} loaded`,
    });
  return { layer: 'l3', units, leftOut };
}

interface Document {
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly path?: string;
  /** For what is similar by more than its words. */
  readonly bonus: number;
}

async function pastIncidents(parts: KnowledgeParts, leftOut: LeftOut[]): Promise<Document[]> {
  const { record, service } = parts;
  if (record === null) {
    leftOut.push({ key: 'record', title: 'past incidents', tokens: 0, why: 'the record is not open here' });
    return [];
  }
  try {
    const documents: Document[] = [];
    for (const incident of await record.incidents.recent(pastRead)) {
      if (incident.id === parts.incidentId || incident.status !== 'resolved') continue;
      const draft = await record.knowledge.get(incident.id);
      const entries = draft === undefined ? await record.timeline.ofIncident(incident.id) : [];
      const story = entries.map((entry) => `${entry.at.toISOString()} ${entry.actor}: ${entry.text}`);
      const text = draft?.markdown ?? story.join('\n');
      if (text === '') continue;
      documents.push({
        key: `incident ${incident.id}`,
        title: `incident ${incident.id} of ${incident.startedAt.toISOString().slice(0, 10)}`,
        text,
        bonus: draft?.service === service.name || incident.services.includes(service.name) ? 0.3 : 0,
      });
    }
    for (const kind of remedyKinds)
      for (const { plan, approval } of await record.plans.rejections(service.name, kind, mostRejections))
        documents.push({
          key: `rejection ${approval.planId} ${approval.userId}`,
          title: `rejected fix ${kind}`,
          text: JSON.stringify({
            what: plan.body.remedies.map((remedy) => remedy.preview.summary),
            why: approval.reason,
          }),
          bonus: 0.2,
        });
    return documents;
  } catch (error) {
    leftOut.push({ key: 'record', title: 'past incidents', tokens: 0, why: explainError(error) });
    return [];
  }
}

function decisionsOf({ own, inCore }: KnowledgeParts, leftOut: LeftOut[]): Document[] {
  return own.files.flatMap((file) => {
    if (!decision.test(file.path)) return [];
    if (inCore.has(file.path)) {
      leftOut.push({ key: file.path, title: file.path, tokens: 0, why: 'the core layer has it' });
      return [];
    }
    return [{ key: `decision ${file.path}`, title: file.path, text: file.text, path: file.path, bonus: 0 }];
  });
}
