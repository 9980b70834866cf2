import { Pool } from 'pg';
import { z } from 'zod';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import type { Applied, Remedy, RemedyContext, RemedyRegistry } from '../../src/ports/remedy.ts';
import type { Flaw } from './run.ts';
import type { World } from './world.ts';

export const journalTable = `create table journal (
  position bigint generated always as identity primary key,
  run text not null, key text not null, act text not null, at timestamptz not null default clock_timestamp()
); create index on journal (run)`;

/** Every effect is a row more, and nothing keeps a second one of the same from being added: each is counted. */
export function openJournalWorld(url: string, flaw: Flaw): World {
  const pool = new Pool({ connectionString: url, max: 2 });
  const journal = {
    async has(key: string): Promise<boolean> {
      return (await pool.query('select from journal where key = $1', [key])).rowCount !== 0;
    },
    async append(run: string, key: string, act: string): Promise<void> {
      await pool.query('insert into journal (run, key, act) values ($1, $2, $3)', [run, key, act]);
    },
  };

  async function acts(id: string): Promise<ReadonlyMap<string, number>> {
    const { rows } = await pool.query<{ act: string; times: number }>(
      'select act, count(*)::int as times from journal where run = $1 group by act',
      [id],
    );
    return new Map(rows.map(({ act, times }) => [act, times]));
  }

  return {
    async prepare(id) {
      return [1, 2].map((step) => ({
        kind: 'restart-service',
        service: 'ledger',
        params: { run: id, step },
        pins: {},
        preview: { summary: `Step ${step}`, diff: '', measured: null, notes: [], undo: 'Step back.' },
      }));
    },
    remedies(crash) {
      const remedy = journalRemedy(crash?.watch('journal', journal) ?? journal, flaw);
      // The only kind that plans of this world name.
      return { 'restart-service': remedy } as Partial<RemedyRegistry> as RemedyRegistry;
    },
    async standing(id) {
      const there = await acts(id);
      return [1, 2].filter((step) => there.has(`do ${step}`) && !there.has(`undo ${step}`)).length;
    },
    acts,
    close: () => pool.end(),
  };
}

const stepSchema = z.object({ run: z.string(), step: z.int() });
type Step = z.infer<typeof stepSchema>;

interface Journal {
  has(key: string): Promise<boolean>;
  append(run: string, key: string, act: string): Promise<void>;
}

function journalRemedy(journal: Journal, flaw: Flaw): Remedy {
  async function act(
    what: 'do' | 'undo',
    { run, step }: Step,
    { key, again }: RemedyContext,
  ): Promise<Applied> {
    if (again && flaw === 'never-answers-again') throw new SourceUnreachable('Nobody answers.', 'Wait.');
    const looks = again && flaw !== 'acts-without-looking';
    if (!looks || !(await journal.has(key))) await journal.append(run, key, `${what} ${step}`);
    return { applied: true, receipt: { summary: `It is there: ${what} ${step}.`, url: null, data: {} } };
  }
  return {
    kind: 'restart-service',
    targets: (_service, params) => [`journal ${JSON.stringify(params)}`],
    preview: async () => ({ possible: false, reason: 'its plans are made by the benchmark.' }),
    whyStale: async () => null,
    inverse: async (_service, { params }) => ({ ...stepSchema.parse(params) }),
    apply: (_service, { params }, context) => act('do', stepSchema.parse(params), context),
    verify: async () => ({ state: 'holds', text: 'The rows are there.' }),
    undo: (_service, inverse, _receipt, context) => act('undo', stepSchema.parse(inverse), context),
  };
}
