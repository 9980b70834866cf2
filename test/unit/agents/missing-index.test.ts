import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseInspector } from '../../../src/adapters/postgres/database-inspector.ts';
import { createStatementReader } from '../../../src/adapters/postgres/statement-reader.ts';
import { type DatabaseSignals, readDatabaseSignals } from '../../../src/agents/signals/database-signals.ts';
import type { DatabaseTarget } from '../../../src/domain/service.ts';
import type { DatabaseInspector } from '../../../src/ports/database.ts';
import type { LogLine } from '../../../src/ports/log-source.ts';
import { aService } from '../../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../../support/databases.ts';
import { type InventedSystem, investigateSystem, onsetMs, type Verdict } from './invented-system.ts';

/* A museum: visits of people to halls, on a real PostgreSQL. Nothing of it is known to the engine. */
const target: DatabaseTarget = {
  name: 'museum',
  url: { env: 'MUSEUM_URL' },
  schemas: ['public', 'archive'],
  logs: { service: 'museum-db', role: 'primary' },
};
const schema = `
  create schema archive;
  create table visits (id bigint primary key, guest_id int not null, hall text not null, paid boolean not null,
    note json, entered_at timestamptz not null);
  insert into visits select n, n % 4000, 'hall-' || n % 40, n % 2 = 0, '{}', '2026-03-04'::timestamptz - n * interval '1 minute'
    from generate_series(1, 60000) n;
  create table archive."Old Visits" (id bigint, "Guest" int);
  insert into archive."Old Visits" select n, n % 4000 from generate_series(1, 30000) n;
  create table halls (name text primary key, floor int);
  insert into halls select 'hall-' || n, n % 4 from generate_series(0, 39) n;
  analyze`;
const recent = `select id, entered_at from visits
  where guest_id = $1 and entered_at > now() - interval '90 days'
  order by entered_at desc limit 20`;

let database: TestDatabase;
let inspector: DatabaseInspector;

async function run(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

beforeAll(async () => {
  database = await createTestDatabase();
  await run(schema);
  inspector = createDatabaseInspector({ read: async () => database.url });
});

afterAll(() => database.drop());

/** What the server logs of a statement: `count` times from the onset on. */
function slowLog(statement: string, count = 12, ms = 2400): LogLine[] {
  return Array.from({ length: count }, (_, place) => ({
    at: new Date(onsetMs + 1_000 + place * 700),
    service: 'museum-db',
    level: 'unknown',
    message: `2026-03-04 10:00:00 UTC [7] app@museum LOG:  duration: ${ms + place}.125 ms  execute <unnamed>: ${statement}`,
    fields: { role: 'primary' },
  }));
}

async function look(
  lines: readonly LogLine[],
  databases: DatabaseInspector = inspector,
): Promise<DatabaseSignals> {
  const logs = {
    lines: async ({ service, from, to }: { service: string; from: Date; to: Date }) => ({
      lines: lines.filter((line) => line.service === service && line.at >= from && line.at < to),
      truncated: false,
    }),
  };
  const sources = { logs, databases, statements: createStatementReader() };
  const window = {
    baselineFrom: new Date(onsetMs - 120_000),
    onset: new Date(onsetMs),
    alertedAt: new Date(onsetMs + 10_000),
    to: new Date(onsetMs + 14_000),
    onsetFrom: 'spans',
    expressions: [],
  } as const;
  return readDatabaseSignals(
    sources,
    aService({ name: 'desk', databases: [target] }),
    window,
    AbortSignal.timeout(20_000),
  );
}

const wanted = (signals: DatabaseSignals) =>
  signals.statements.flatMap((one) =>
    one.suggestions
      .filter((suggestion) => suggestion.unused === null)
      .map(({ table, columns }) => [
        `${table.schema}.${table.name}`,
        columns.map(({ name, order }) => (order === undefined ? name : `${name} ${order}`)).join(', '),
      ]),
  );

describe('an index that a slow statement wants', () => {
  it.each([
    ['equality, then the order', recent, [['public.visits', 'guest_id, entered_at desc']]],
    [
      'several equalities, the boolean last',
      'select id from visits where paid = true and hall = $1 and guest_id = $2',
      [['public.visits', 'hall, guest_id, paid']],
    ],
    [
      'equality, then the range, without a limit',
      'select id from visits v where v.guest_id = 7 and v.entered_at >= $1',
      [['public.visits', 'guest_id, entered_at']],
    ],
    [
      'the order before another range',
      'select id from visits where guest_id = $1 and id > 5 order by entered_at limit 5',
      [['public.visits', 'guest_id, entered_at']],
    ],
    [
      'a schema and quoted names',
      'select id from archive."Old Visits" where "Guest" = $1',
      [['archive.Old Visits', 'Guest']],
    ],
    [
      'the large table of a join',
      'select v.id from visits v join halls h on h.name = v.hall where v.guest_id = $1 and h.floor = 2',
      [['public.visits', 'guest_id']],
    ],
    [
      'a column that a literal is compared with',
      'SELECT id FROM visits WHERE guest_id IN (1, 2, 3)',
      [['public.visits', 'guest_id']],
    ],
  ])('has %s', async (_case, statement, columns) => {
    expect(wanted(await look(slowLog(statement)))).toEqual(columns);
  });

  it.each([
    ['the primary key serves it', 'select hall from visits where id = $1'],
    ['most of the table is wanted', 'select id from visits where paid = true'],
    ['the table is small', 'select name from halls where floor = 2'],
    ['what it compares is no column', 'select id from visits where lower(hall) = $1'],
    ['it is no select', 'update visits set hall = $1 where guest_id = $2'],
    ['it is two statements', 'select id from visits where guest_id = 1; drop table visits'],
    ['nobody knows its table', 'select id from guests where name = $1'],
    ['it is of another schema', 'select id from secret.visits where guest_id = $1'],
    ['it is no SQL', "'; drop table visits; -- <!channel>"],
    ['it would act when planned', 'select id from visits where guest_id = pg_sleep(10)::text::int'],
    ['it is rare', recent, 2],
    ['it is quick', recent, 12, 4],
  ])('is not there when %s', async (_case, statement, count?: number, ms?: number) => {
    expect(wanted(await look(slowLog(statement, count, ms)))).toEqual([]);
  });

  it('is not proposed for what was as slow before', async () => {
    const before = slowLog(recent, 110).map((line) => ({
      ...line,
      at: new Date(line.at.getTime() - 110_000),
    }));

    expect((await look([...before, ...slowLog(recent)])).statements).toEqual([]);
  });

  it('is taken from the log of this database alone', async () => {
    const other = slowLog(recent).map((line) => ({ ...line, fields: { role: 'replica' } }));

    expect((await look(other)).statements).toEqual([]);
  });

  it('needs the schema: without access it says so and proposes nothing', async () => {
    const closed = createDatabaseInspector({ read: async () => database.url.replace('warroom@', 'nobody@') });

    const signals = await look(slowLog(recent), closed);

    expect(wanted(signals)).toEqual([]);
    expect(signals.limits).toEqual([expect.stringContaining('schema of database museum could not be read')]);
  });
});

describe('a service that waits for an index', () => {
  const before = 'export const list = (book, guest) => book.of(guest);\n';
  const after = `export const list = (db, guest) =>
  db.query(
    \`select id, entered_at from visits
      where guest_id = $1 and entered_at > now() - interval '90 days'
      order by entered_at desc limit 20\`,
    [guest],
  );
`;
  const museum = (lines: readonly LogLine[]): InventedSystem => ({
    alert: {
      service: 'desk',
      name: 'SlowRequests',
      expression: 'sum(rate(http_request_duration_seconds_sum[10s])) > 1',
    },
    services: {
      desk: {
        dependsOn: ['till'],
        commits: [
          {
            subject: 'Desk',
            files: { 'src/list.js': before, 'src/till.js': 'export const pay = 1;\n' },
            minutesAgo: 9000,
          },
          { subject: 'Show three months of visits', files: { 'src/list.js': after }, minutesAgo: 60 },
          { subject: 'Tills: round up', files: { 'src/till.js': 'export const pay = 2;\n' }, minutesAgo: 20 },
        ],
      },
      till: {
        dependsOn: [],
        commits: [
          { subject: 'Till', files: { 'src/till.js': 'export const till = 1;\n' }, minutesAgo: 9000 },
        ],
      },
    },
    request: (n, broken) => ({
      service: 'desk',
      operation: 'GET /guests/:id/visits',
      ownMs: broken && n % 3 === 0 ? 2500 : 6,
      calls: [{ service: 'till', operation: 'GET /balance' }],
    }),
    lines,
    databases: { targets: { desk: [target] }, inspector },
  });
  let verdict: Verdict;

  it('names the table, the columns, the plan and the commit, and proposes the index', async () => {
    verdict = await investigateSystem(museum(slowLog(recent)));
    const { decision, evidence, shas } = verdict;

    expect(decision).toMatchObject({
      outcome: 'confirmed',
      service: 'desk',
      commit: { sha: shas['desk']?.[1] },
    });
    expect(decision.statement).toMatch(
      /visits has no index for guest_id, entered_at, so one statement reads all 60,000 rows \(Seq Scan\) and takes 2\.4 s \(×12 since 10:00:01 UTC, none was slow before\); commit \w{8} by Ada Test brought it in/,
    );
    expect(decision.proposes).toEqual([
      {
        kind: 'create-index',
        service: 'desk',
        params: {
          database: 'museum',
          schema: 'public',
          table: 'visits',
          columns: [{ name: 'guest_id' }, { name: 'entered_at', order: 'desc' }],
          statement: recent,
        },
      },
    ]);
    const cited = evidence.filter((row) => decision.evidence.includes(row.number));
    expect(new Set(cited.map((row) => row.kind))).toEqual(
      new Set(['metric', 'trace', 'log', 'database', 'change']),
    );
    expect(JSON.stringify(cited.find((row) => row.kind === 'database')?.data)).toContain(
      'Seq Scan on visits',
    );
  });

  it('keeps, shows and proposes none of the values that were logged', async () => {
    const logged = `select id, entered_at from visits
      where guest_id = 3917 and hall = 'ada0@example.com' and note ->> 'key' <> 's3cr3t0' and entered_at > now() - interval '90 days'
      order by entered_at desc limit 20`;

    const { decision, evidence } = await investigateSystem(museum(slowLog(logged)));

    expect(decision.proposes).toMatchObject([
      {
        kind: 'create-index',
        params: {
          statement: expect.stringMatching(
            /guest_id = \$1 and hall = \$2 .*interval '90 days'\s.* limit 20$/s,
          ),
        },
      },
    ]);
    expect(JSON.stringify([decision, evidence])).not.toMatch(/ada0|s3cr3t|3917/);
  });

  it('has the commit alone to blame once the index is there', async () => {
    await run('create index visits_guest on visits (guest_id, entered_at)', 'analyze visits');
    const { decision } = await investigateSystem(museum(slowLog(recent)));
    await run('drop index visits_guest');

    expect(decision.proposes).toEqual([]);
    expect(decision).toMatchObject({ service: 'desk', commit: { sha: verdict.shas['desk']?.[1] } });
  });
});
