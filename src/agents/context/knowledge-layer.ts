import { describeShape, errorsIn } from '../../analysis/similarity/describe-shape.ts';
import { sayWhatWorked } from '../../analysis/similarity/say-past.ts';
import { remedyKinds } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { explainError } from '../../platform/errors.ts';
import type { Record as IncidentRecord } from '../../ports/record.ts';
import type { Assignment } from '../investigator.ts';
import type { Candidates, LeftOut } from './allot.ts';
import type { Tree } from './read-tree.ts';
import { scoreRelevance } from './score-relevance.ts';
import { makeUnit, type Unit } from './unit.ts';

/** What past incidents are read from. */
export type PastRecord = Pick<IncidentRecord, 'knowledge' | 'plans'>;

export interface KnowledgeParts {
  /** Null: the record cannot be read here. */
  readonly record: PastRecord | null;
  readonly service: Service;
  /** The incident that is looked into does not explain itself. */
  readonly assignment: Pick<Assignment, 'incident' | 'alerts'>;
  /** What is known of the trouble, and its words. */
  readonly about: string;
  readonly own: Tree;
  /** Paths that the core layer has already. */
  readonly inCore: ReadonlySet<string>;
  readonly words: readonly string[];
}

/** More would not be a few, and the twentieth resembles nothing. */
const mostPast = 24;
const mostRejections = 8;
/** What is remembered of an incident like it is worth more than a document with as many words in common. */
const likeAnIncident = 0.2;
const decision = /(^|\/)(adrs?|decisions|postmortems?|rfcs?|runbooks?)\/.*\.(md|mdx|adoc|rst|txt)$/i;

/** Past incidents with what was done and decided in them, rejected fixes, and decisions of the repository: the most similar. */
export async function knowledgeCandidates(parts: KnowledgeParts): Promise<Candidates> {
  const leftOut: LeftOut[] = [];
  const { record } = parts;
  const remembered = { past: [] as Document[], rejected: [] as Unranked[] };
  if (record === null)
    leftOut.push({ key: 'record', title: 'past incidents', tokens: 0, why: 'the record is not open here' });
  else
    try {
      remembered.past = await pastIncidents(parts, record);
      remembered.rejected = await rejectedFixes(parts, record);
    } catch (error) {
      leftOut.push({ key: 'record', title: 'past incidents', tokens: 0, why: explainError(error) });
    }
  const others = [...remembered.rejected, ...decisionsOf(parts, leftOut)];
  const scores = scoreRelevance(
    parts.words,
    others.map((one) => one.text),
  );
  const ranked: Document[] = [
    ...remembered.past,
    ...others.map(({ bonus, ...one }, index) => ({ ...one, relevance: (scores[index] ?? 0) + bonus })),
  ].toSorted((a, b) => b.relevance - a.relevance || (a.key < b.key ? -1 : 1));
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
  readonly relevance: number;
}

/** Before its words are compared with what is told of the trouble. */
interface Unranked extends Omit<Document, 'relevance'> {
  /** For what is similar by more than its words. */
  readonly bonus: number;
}

/** By words and by the shape of what is known so far; the lesson stands above the draft, so that it is read first. */
async function pastIncidents(
  { assignment, service, about }: KnowledgeParts,
  record: PastRecord,
): Promise<Document[]> {
  const { incident, alerts } = assignment;
  const known = describeShape(
    { incident, alerts, evidence: [], findings: [], rootCause: undefined },
    service.name,
  );
  const shape = { ...known, errors: errorsIn(about) };
  const { hits } = await record.knowledge.similar({ text: about, shape, exclude: incident.id }, mostPast);
  const documents: Document[] = [];
  for (const hit of hits) {
    const draft = await record.knowledge.get(hit.incidentId);
    if (draft === undefined) continue;
    const why = hit.why.length === 0 ? '' : `Alike: ${hit.why.join('; ')}.\n`;
    documents.push({
      key: `incident ${hit.incidentId}`,
      title: `incident ${hit.incidentId} of ${hit.at.toISOString().slice(0, 10)}`,
      text: `${why}What was tried: ${sayWhatWorked(hit.lesson)}.\n${draft.markdown}`,
      relevance: likeAnIncident + hit.score,
    });
  }
  return documents;
}

async function rejectedFixes({ service }: KnowledgeParts, record: PastRecord): Promise<Unranked[]> {
  const documents: Unranked[] = [];
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
}

function decisionsOf({ own, inCore }: KnowledgeParts, leftOut: LeftOut[]): Unranked[] {
  return own.files.flatMap((file) => {
    if (!decision.test(file.path)) return [];
    if (inCore.has(file.path)) {
      leftOut.push({ key: file.path, title: file.path, tokens: 0, why: 'the core layer has it' });
      return [];
    }
    return [{ key: `decision ${file.path}`, title: file.path, text: file.text, path: file.path, bonus: 0 }];
  });
}
