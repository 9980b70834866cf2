import { openRecord } from '../../../src/store/open-record.ts';
import { auditKey } from '../../../test/support/audit-key.ts';
import { createTestDatabase } from '../../../test/support/databases.ts';
import { clock, type Figure, quantile } from '../../benchmark.ts';
import { type EvidencePart, type PartOptions, round } from '../part.ts';
import { fillKnowledge } from './fill-knowledge.ts';
import { askAgain, Dice, makePast } from './past-corpus.ts';
import { byFullText } from './similar.ts';

/** 18 causes each. */
const services = { whole: 556, short: 12 };
const turns = { whole: 100, short: 12 };
/** Of the time of a plain full text search: three ways and their judgement must not cost more than one naive way. */
const mostRatio = 1.25;

/** How long a question takes among ten thousand past incidents, against PostgreSQL's own full text search for the same words. */
export const similarScale: EvidencePart = {
  name: 'similar-scale',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const size = short ? 'short' : 'whole';
    const database = await createTestDatabase();
    const opened = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    try {
      const past = makePast(services[size], new Dice(11));
      const began = performance.now();
      const shelf = await fillKnowledge(opened.record, database.url, past);
      const fillMs = (performance.now() - began) / past.length;
      say(`${past.length} past incidents, ${round(fillMs)} ms each to learn`);
      const asked = askAgain(services[size], new Dice(23)).filter((_, index) => index % 83 === 0);
      const query = (turn: number) =>
        asked[turn % asked.length]?.query ?? { text: '', shape: null, exclude: null };
      await opened.record.knowledge.similar(query(0), 5);
      // Turn about, so that whatever else the machine does slows both.
      const own: number[] = [];
      const raw: number[] = [];
      for (let turn = 0; turn < turns[size]; turn += 1) {
        own.push(...(await clock(1, () => opened.record.knowledge.similar(query(turn), 5))));
        raw.push(...(await clock(1, () => byFullText(shelf, query(turn).text))));
      }
      await shelf.close();
      return [0.5, 0.95].map((share): Figure => {
        const [value, against] = [quantile(own, share), quantile(raw, share)];
        return {
          metric: `similar-query-p${100 * share}`,
          value: round(value),
          unit: 'ms',
          against: 'PostgreSQL full text, any of the words, ranked',
          againstValue: round(against),
          ratio: round(value / against),
          target: `at most ${mostRatio} of it among ${past.length} past incidents`,
          ok: short || value <= mostRatio * against,
        };
      });
    } finally {
      await opened.close();
      await database.drop();
    }
  },
};
