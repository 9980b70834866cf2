import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/platform/log.ts';
import type { KnowledgeEntry } from '../../src/ports/record.ts';
import { type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, restoreFromDump, type TestDatabase } from '../support/databases.ts';
import { recordContract } from './record-contract.ts';
import { noon, sampleIncident } from './record-samples.ts';

let database: TestDatabase | undefined;

recordContract('postgres', async (clock) => {
  database = await createTestDatabase();
  return await openRecord({ databaseUrl: database.url, dataDir: null, auditKey, clock });
});

afterAll(() => database?.drop());

describe('a server that refuses pg_trgm', () => {
  it('still finds similar incidents, by words and by shape, and the log says what is missing', async () => {
    const own = await createTestDatabase();
    const options = { databaseUrl: own.url, dataDir: null, auditKey };
    await (await openRecord(options)).close();
    await query(own.url, 'drop extension pg_trgm cascade');
    const warned: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, text: string) => void warned.push(text) };
    const opened = await openRecord({ ...options, log });
    const incidentId = await learn(opened, 'jwt expired');

    const { hits } = await opened.record.knowledge.similar(
      { text: 'jwt expires', shape: null, exclude: null },
      5,
    );

    expect(hits[0]).toMatchObject({ incidentId, parts: { trigrams: null } });
    expect(warned).toEqual([expect.stringContaining('create extension pg_trgm')]);
    await opened.close();
    await own.drop();
  });
});

describe('a record that was restored from a backup', () => {
  // Not in `public`, which is on the path of searches whatever is forgotten.
  const schema = 'rooms';
  const within = ({ url }: TestDatabase): string => `${url}?options=-csearch_path%3D${schema}`;
  const open = (one: TestDatabase): Promise<OpenedRecord> =>
    openRecord({ databaseUrl: within(one), dataDir: null, auditKey });
  let own: TestDatabase;
  let restored: TestDatabase;
  let opened: OpenedRecord;
  let first: string;

  beforeAll(async () => {
    [own, restored] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(own.url, `create schema ${schema}`);
    const before = await open(own);
    first = await learn(before, 'TokenExpiredError: kestrel');
    await learn(before, 'ostrich, kestrel');
    await before.close();
    restoreFromDump(own, restored);
    opened = await open(restored);
  });
  afterAll(async () => {
    await opened.close();
    await Promise.all([own.drop(), restored.drop()]);
  });

  it('has every row, and finds similar incidents', async () => {
    const rows = await countRows(within(restored), schema);
    const { hits } = await opened.record.knowledge.similar(
      { text: 'the token has expired', shape: null, exclude: null },
      5,
    );

    expect(rows).toEqual(await countRows(within(own), schema));
    expect(rows).toMatchObject({ incidents: 2, knowledge: 2 });
    expect(hits[0]).toMatchObject({ incidentId: first });
  });

  it('goes on counting in how many entries a word stands, and forgets it with the last', async () => {
    const ask = (statement: string): Promise<Row[]> => query(within(restored), statement);
    const counts = async (): Promise<Row> =>
      Object.fromEntries(
        (await ask('select term, entries from knowledge_terms')).map((row) => [row['term'], row['entries']]),
      );
    await learn(opened, 'kestrel, heron');
    expect(await counts()).toMatchObject({ kestrel: 3, ostrich: 1, heron: 1 });

    await ask(`update knowledge set learned = 'kestrel, finch' where learned like 'ostrich%'`);
    expect(await counts()).toMatchObject({ kestrel: 3, finch: 1 });
    expect(await counts()).not.toHaveProperty('ostrich');

    await ask('delete from knowledge');
    expect(await counts()).toEqual({});
  });
});

interface Row {
  readonly [column: string]: unknown;
}

function entryOf(incidentId: string, markdown: string): KnowledgeEntry {
  return { incidentId, title: 'Orders', service: null, markdown, at: noon };
}

async function learn(opened: OpenedRecord, markdown: string): Promise<string> {
  const incident = sampleIncident();
  await opened.record.incidents.insert(incident);
  await opened.record.knowledge.put(entryOf(incident.id, markdown));
  return incident.id;
}

async function countRows(url: string, schema: string): Promise<Row> {
  const tables = await query(url, `select tablename from pg_tables where schemaname = '${schema}'`);
  const names = tables.map(({ tablename }) => String(tablename)).toSorted();
  const [counted] = await query(
    url,
    `select ${names.map((name) => `(select count(*)::integer from ${name}) as ${name}`).join(', ')}`,
  );
  return counted ?? {};
}

async function query(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
