import { describe, expect, it } from 'vitest';
import type { DatabaseTarget } from '../../../../src/domain/service.ts';
import { SourceRefused } from '../../../../src/platform/errors.ts';
import type { IndexFacts, PlanNode, TableFacts } from '../../../../src/ports/database.ts';
import type { IndexOrder } from '../../../../src/ports/database-admin.ts';
import type { TrialAnswer } from '../../../../src/ports/index-trial.ts';
import type { Preview } from '../../../../src/ports/remedy.ts';
import { createCreateIndex } from '../../../../src/remedies/create-index/create-index.ts';
import type { Tools } from '../../../../src/remedies/tools.ts';
import { serviceWith } from '../../../contract/postgres-house.ts';

const target: DatabaseTarget = {
  name: 'main',
  url: { env: 'MAIN_URL' },
  schemas: ['public', 'old'],
  logs: null,
};
const service = serviceWith(target);
const signal = AbortSignal.timeout(10_000);
const statement = 'select * from payments where user_id = $1 order by created_at desc limit 20';

const index = (name: string, keys: string, more: Partial<IndexFacts> = {}): IndexFacts => ({
  name,
  columns: keys.split(', ').map((key) => key.replace(/ DESC$/, '')),
  unique: false,
  primary: false,
  valid: true,
  definition: `CREATE INDEX ${name} ON public.payments USING btree (${keys})`,
  bytes: 1_000_000,
  scans: 0,
  ...more,
});

const payments: TableFacts = {
  schema: 'public',
  name: 'payments',
  rows: 1_000_000,
  bytes: 781_000_000,
  columns: ['id', 'user_id', 'created_at', 'state'].map((name) => ({
    name,
    type: 'bigint',
    nullable: false,
  })),
  indexes: [index('payments_pkey', 'id', { primary: true, unique: true })],
};

const scan = (type: string, using: string | null = null): PlanNode => ({
  type: 'Limit',
  table: null,
  index: null,
  filter: null,
  cost: 1,
  rows: 1,
  children: [{ type, table: 'payments', index: using, filter: null, cost: 1, rows: 1, children: [] }],
});

interface World {
  readonly tables?: readonly TableFacts[];
  readonly trial?: (order: IndexOrder) => TrialAnswer;
  readonly explain?: () => PlanNode;
}

function preview(params: Record<string, unknown>, world: World = {}): Promise<Preview> {
  const { tables = [payments], trial = () => ({ tried: false, reason: 'there is no Docker.' }) } = world;
  const tools: Pick<Tools, 'inspector' | 'databases' | 'indexTrial'> = {
    inspector: {
      tables: async () => [...tables],
      explain: async () => (world.explain ?? (() => scan('Seq Scan')))(),
    },
    databases: {
      rehearseCreate: async (_target: unknown, order: IndexOrder) => ({
        possible: true,
        statement: `CREATE INDEX CONCURRENTLY ${order.name} …`,
      }),
    } as unknown as Tools['databases'],
    indexTrial: { try: async (_target, order) => trial(order) },
  };
  const remedy = createCreateIndex(tools as Tools);
  return remedy.preview(service, params as Parameters<typeof remedy.preview>[1], signal);
}

async function possible(params: Record<string, unknown>, world: World = {}) {
  const seen = await preview(params, world);
  if (!seen.possible) throw new Error(seen.reason);
  return seen;
}

const params = { database: 'main', table: 'payments', columns: ['user_id', 'created_at'] };
const tried =
  (used: boolean) =>
  (order: IndexOrder): TrialAnswer => ({
    tried: true,
    outcome: {
      before: { plan: scan('Seq Scan'), ms: 391.2, runs: 5 },
      after: {
        plan: used ? scan('Index Scan', order.name) : scan('Seq Scan'),
        ms: used ? 0.9 : 390,
        runs: 5,
      },
      used,
      buildMs: 1300,
      rows: { replica: 500_000, target: 1_000_000 },
    },
  });

describe('what an index is planned as', () => {
  it('takes what a person types, and plans it in full', async () => {
    const { planned } = await possible({ table: 'payments', columns: ['user_id', 'created_at DESC'] });

    expect(planned.params).toEqual({
      database: 'main',
      schema: 'public',
      table: 'payments',
      columns: [
        { name: 'user_id', order: 'asc' },
        { name: 'created_at', order: 'desc' },
      ],
    });
    expect(planned.preview.diff).toMatch(/ warroom_payments_user_id_created_at_[0-9a-f]{6} /);
  });

  it('has a name that fits, and another one for another order', async () => {
    const long = 'a_very_long_name_of_a_column_that_somebody_liked_a_great_deal';
    const wide = {
      ...payments,
      columns: [...payments.columns, { name: long, type: 'text', nullable: true }],
    };
    const nameOf = async (columns: unknown) => {
      const { planned } = await possible({ ...params, columns }, { tables: [wide] });
      return planned.preview.diff.split(' ')[3] ?? '';
    };

    const names = [
      await nameOf([long, 'user_id']),
      await nameOf([long, 'user_id desc']),
      await nameOf([long]),
    ];

    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    expect(await nameOf([long, 'user_id'])).toBe(names[0]);
  });

  it('asks which table is meant when two schemas have it', async () => {
    const two = [payments, { ...payments, schema: 'old' }];

    expect(await preview(params, { tables: two })).toMatchObject({
      possible: false,
      reason: expect.stringContaining('several schemas (public, old)'),
    });
    expect(await preview({ ...params, schema: 'old' }, { tables: two })).toMatchObject({ possible: true });
  });

  it.each([
    ['the same', index('twin', 'user_id, created_at'), false],
    ['the same, read backwards', index('twin', 'user_id DESC, created_at DESC'), false],
    ['the same in another direction', index('twin', 'user_id, created_at DESC'), true],
    [
      'one for some rows',
      index('twin', 'user_id, created_at', {
        definition:
          'CREATE INDEX twin ON public.payments USING btree (user_id, created_at) WHERE (state > 3)',
      }),
      true,
    ],
    ['one that is not valid', index('twin', 'user_id, created_at', { valid: false }), true],
    [
      'of another kind',
      index('twin', 'user_id, created_at', {
        definition: 'CREATE INDEX twin ON public.payments USING brin (user_id, created_at)',
      }),
      true,
    ],
    ['a wider one', index('twin', 'user_id, created_at, state'), true],
  ])('looks for one that is there: %s', async (_what, twin, expected) => {
    const seen = await preview(params, { tables: [{ ...payments, indexes: [twin] }] });

    expect(seen.possible).toBe(expected);
    if (!seen.possible) expect(seen.reason).toContain('already: twin');
  });

  it('tells of a wider index and of an invalid one', async () => {
    const indexes = [index('wide', 'user_id, created_at, state'), index('broken', 'state', { valid: false })];

    const { planned } = await possible(params, { tables: [{ ...payments, indexes }] });

    expect(planned.preview.notes.join('\n')).toMatch(
      /wide begins with the same columns[\s\S]*by a build that failed: broken/,
    );
  });
});

describe('what an index gains', () => {
  it('is shown as plan and time, and where they come from', async () => {
    const { planned } = await possible({ ...params, statement }, { trial: tried(true) });

    expect(planned.preview.measured).toEqual({
      what: expect.stringMatching(
        /synthetic replica in the sandbox \(500,000 made-up rows like the target's 1,000,000, median of 5 runs\)/,
      ),
      before: 'Seq Scan on payments, 391 ms',
      after: expect.stringMatching(/^Index Scan using warroom_\w+ on payments, 0\.9 ms$/),
    });
  });

  it('must be something: an index that would not be used is not offered', async () => {
    expect(await preview({ ...params, statement }, { trial: tried(false) })).toEqual({
      possible: false,
      reason: expect.stringContaining('does not use the index: Seq Scan on payments'),
    });
  });

  it('is left open, with the plan of today, where there is no sandbox', async () => {
    const { planned } = await possible({ ...params, statement });

    expect(planned.preview.measured).toBeNull();
    expect(planned.preview.notes.slice(0, 2)).toEqual([
      'Now: Seq Scan on payments (plan on the target).',
      'Not tried on a replica: there is no Docker.',
    ]);
  });

  it('is left open where the statement cannot be explained', async () => {
    const refuse = (): never => {
      throw new SourceRefused('It calls secret().', 'Only a SELECT.');
    };

    const { planned } = await possible({ ...params, statement }, { explain: refuse });

    expect(planned.preview.notes[0]).toContain('It calls secret().');
  });
});

describe('how risky an index is', () => {
  it.each([
    [212e6, 3, 'low'],
    [5e9, 3, 'medium'],
    [80e9, 3, 'high'],
    [212e6, 15, 'high'],
  ])('with %d bytes and %d indexes: %s', async (bytes, count, base) => {
    const indexes = Array.from({ length: count }, (_, at) => index(`i${at}`, 'state'));

    const { facts } = await possible(params, { tables: [{ ...payments, bytes, indexes }] });

    expect(facts).toMatchObject({ base, reversible: 'exact' });
  });

  it('says what the build costs', async () => {
    const { planned } = await possible(params);

    expect(planned.preview.notes.join('\n')).toMatch(
      /takes about \d s, needs about \d+ MB of disk and leaves an index of about \d+ MB: estimated from 781 MB and 1,000,000 rows/,
    );
  });
});
