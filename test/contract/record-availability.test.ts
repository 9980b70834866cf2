import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, createTestServer, type TestServer } from '../support/databases.ts';
import { sampleIncident } from './record-samples.ts';

describe('a PostgreSQL that is not there', () => {
  it.each([
    ['nobody listens', 'postgres://warroom:hunter2@127.0.0.1:1/warroom'],
    ['the name is unknown', 'postgres://warroom:hunter2@no-such-host.invalid/warroom'],
  ])('is reported with what to check and without the password when %s', async (_when, databaseUrl) => {
    const failure = await openRecord({ databaseUrl, dataDir: null, auditKey }).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({ code: 'record_unavailable', retryable: true });
    expect(JSON.stringify([String(failure), (failure as { hint: string }).hint])).toContain('DATABASE_URL');
    expect(JSON.stringify([String(failure), (failure as { hint: string }).hint])).not.toContain('hunter2');
  });

  it('is told apart from a database that does not exist', async () => {
    const database = await createTestDatabase();
    const failure = openRecord({ databaseUrl: `${database.url}_missing`, dataDir: null, auditKey });

    await expect(failure).rejects.toMatchObject({
      code: 'record_unavailable',
      hint: expect.stringContaining('createdb'),
    });
    await database.drop();
  });
});

describe('several processes that start at once', () => {
  it('bring an empty database up together', async () => {
    const database = await createTestDatabase();

    const opened = await Promise.all(
      Array.from({ length: 6 }, () => openRecord({ databaseUrl: database.url, dataDir: null, auditKey })),
    );

    const incident = sampleIncident();
    await opened[0]?.record.incidents.insert(incident);
    expect(await opened[5]?.record.incidents.get(incident.id)).toEqual(incident);
    for (const one of opened) await one.close();
    await database.drop();
  });
});

describe('a PostgreSQL that goes away', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer();
  });

  afterAll(() => server.remove());

  it('fails calls with a retryable error and serves again when it is back, in the same process', async () => {
    const opened = await openRecord({ databaseUrl: server.url, dataDir: null, auditKey });
    const incident = sampleIncident();
    await opened.record.incidents.insert(incident);

    server.stop('immediate');
    await expect(opened.record.incidents.get(incident.id)).rejects.toMatchObject({
      code: 'record_unavailable',
    });
    await expect(opened.record.transaction((rows) => rows.now())).rejects.toMatchObject({
      code: 'record_unavailable',
    });
    await server.start();

    expect(await opened.record.incidents.get(incident.id)).toEqual(incident);
    await opened.close();
  });

  it('undoes a transaction whose connection is lost in the middle', async () => {
    const database = await createTestDatabase();
    const opened = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    const incident = sampleIncident({ id: newId() });

    const lost = opened.record.transaction(async (rows) => {
      await rows.incidents.insert(incident);
      await database.disconnectAll();
      await rows.incidents.update(incident.id, { title: 'too late' });
    });

    await expect(lost).rejects.toMatchObject({ code: 'record_unavailable' });
    expect(await opened.record.incidents.get(incident.id)).toBeUndefined();
    await opened.close();
    await database.drop();
  });
});
