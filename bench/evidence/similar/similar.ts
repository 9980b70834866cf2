import { sql } from 'kysely';
import { queryWords, scoreRelevance } from '../../../src/agents/context/score-relevance.ts';
import type { SimilarIncident } from '../../../src/domain/past-incident.ts';
import { openRecord } from '../../../src/store/open-record.ts';
import { auditKey } from '../../../test/support/audit-key.ts';
import { createTestDatabase } from '../../../test/support/databases.ts';
import type { Figure } from '../../benchmark.ts';
import { bootstrap, type EvidencePart, mean, type PartOptions, round } from '../part.ts';
import {
  compareFirsts,
  judgeRanks,
  meanReciprocal,
  placeOf,
  type RankedCase,
  shareWithin,
} from '../petshop/judge-ranks.ts';
import { fillKnowledge, type Shelf } from './fill-knowledge.ts';
import { type AskedCase, askAgain, askUnseen, Dice, makePast, type PastCase } from './past-corpus.ts';

const services = 20;
const most = 20;
const seeds = { past: 11, asked: 23, unseen: 37 };

/** Which of 360 invented past incidents is the same cause in the same service, told anew. */
export const similar: EvidencePart = {
  name: 'similar',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const database = await createTestDatabase();
    const opened = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    try {
      const past = makePast(services, new Dice(seeds.past));
      const shelf = await fillKnowledge(opened.record, database.url, past);
      const asked = askAgain(services, new Dice(seeds.asked)).filter((_, index) => !short || index % 9 === 0);
      const ranked: RankedCase[] = [];
      const firsts: { hit: SimilarIncident | undefined; right: boolean }[] = [];
      for (const one of asked) {
        const truth = shelf.idOf(one.service, one.family);
        const { hits } = await opened.record.knowledge.similar(one.query, most);
        firsts.push({ hit: hits[0], right: hits[0]?.incidentId === truth });
        ranked.push({
          id: `${one.service} ${one.family}`,
          own: placeOf(
            hits.map((hit) => hit.incidentId),
            truth,
          ),
          baselines: {
            'word overlap, as it was': placeOf(byOverlap(past, shelf, one), truth),
            'trigrams alone': placeOf(await byTrigrams(shelf, one.query.text), truth),
            'full text alone': placeOf(await byFullText(shelf, one.query.text), truth),
          },
        });
      }
      for (const name of Object.keys(ranked[0]?.baselines ?? {}))
        say(
          `${name}: first ${round(shareWithin(1)(ranked.map((one) => one.baselines[name] ?? Infinity)))}, first five ${round(shareWithin(5)(ranked.map((one) => one.baselines[name] ?? Infinity)))}`,
        );
      const unseen: boolean[] = [];
      for (const one of askUnseen(services, new Dice(seeds.unseen))) {
        const { hits } = await opened.record.knowledge.similar(one.query, 1);
        unseen.push(hits[0]?.likeness === 'strong');
      }
      await shelf.close();
      return [
        judgeRanks('similar-recall-1', ranked, shareWithin(1), 0.8),
        judgeRanks('similar-recall-5', ranked, shareWithin(5), 0.95),
        judgeRanks('similar-mrr', ranked, meanReciprocal, 0.87),
        ...compareFirsts('similar', ranked),
        ...judgeStrong(firsts, unseen),
      ];
    } finally {
      await opened.close();
      await database.drop();
    }
  },
};

/** Only what is called strong is told to people. */
function judgeStrong(
  firsts: readonly { hit: SimilarIncident | undefined; right: boolean }[],
  unseen: readonly boolean[],
): Figure[] {
  const strong = firsts.filter(({ hit }) => hit?.likeness === 'strong');
  const right = (cases: readonly { right: boolean }[]): number => mean(cases.map((one) => Number(one.right)));
  const range = bootstrap(strong, right);
  const told = mean(unseen.map(Number));
  return [
    {
      metric: 'similar-strong-right',
      value: round(right(strong)),
      unit: 'share',
      against: 'share of the cases that have a strong hit',
      againstValue: round(strong.length / firsts.length),
      target: `at least 0.9; 95 % interval ${round(range.low)} to ${round(range.high)}`,
      ok: right(strong) >= 0.9,
    },
    {
      metric: 'similar-strong-on-unseen',
      value: round(told),
      unit: 'share',
      target: `at most 0.05 of ${unseen.length} incidents whose cause was never seen`,
      ok: told <= 0.05,
    },
  ];
}

/** What the knowledge layer did: words of the query in the draft, a bonus for the same service. */
function byOverlap(past: readonly PastCase[], shelf: Shelf, { service, query }: AskedCase): string[] {
  const scores = scoreRelevance(
    queryWords(query.text),
    past.map((one) => `${one.title}\n${one.learned.symptoms}\n${one.learned.lesson.cause}`),
  );
  const suspect = query.shape?.blamed ?? service;
  return past
    .map((one, index) => ({
      id: shelf.idOf(one.service, one.family),
      score: (scores[index] ?? 0) + (one.learned.shape.services.includes(suspect) ? 0.3 : 0),
    }))
    .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, most)
    .map((one) => one.id);
}

function byTrigrams(shelf: Shelf, text: string): Promise<string[]> {
  return shelf.ids(
    sql`select incident_id as id from knowledge
      order by similarity(title || ' ' || symptoms, ${text}) desc, incident_id limit ${most}`,
  );
}

/** PostgreSQL's own search and rank: any of the words. */
export function byFullText(shelf: Shelf, text: string): Promise<string[]> {
  return shelf.ids(
    sql`select incident_id as id from knowledge,
        (select string_agg(quote_literal(lexeme), ' | ')::tsquery as query
          from unnest(to_tsvector('english', ${text}))) asked
      where search @@ query order by ts_rank(search, query) desc, incident_id limit ${most}`,
  );
}
