import { type Kysely, PostgresDialect, type RawBuilder } from 'kysely';
import { Pool } from 'pg';
import type { Record as IncidentRecord } from '../../../src/ports/record.ts';
import { createDb } from '../../../src/store/open-record.ts';
import type { Database } from '../../../src/store/schema.ts';
import { sampleIncident } from '../../../test/contract/record-samples.ts';
import type { PastCase } from './past-corpus.ts';

/** The corpus in a database, and a way to ask it with plain SQL. */
export interface Shelf {
  idOf(service: string, family: string): string;
  /** Ids in the order of the answer. */
  ids(query: RawBuilder<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

const atOnce = 250;

export async function fillKnowledge(
  record: IncidentRecord,
  databaseUrl: string,
  past: readonly PastCase[],
): Promise<Shelf> {
  const ids = new Map<string, string>();
  const start = Date.parse('2026-01-01T00:00:00Z');
  for (let from = 0; from < past.length; from += atOnce)
    await record.transaction(async (rows) => {
      for (const [index, one] of past.slice(from, from + atOnce).entries()) {
        const at = new Date(start + (from + index) * 3_600_000);
        const incident = sampleIncident({
          title: one.title,
          status: 'resolved',
          stage: 'done',
          resolvedAt: at,
        });
        await rows.incidents.insert(incident);
        const entry = { incidentId: incident.id, title: one.title, service: one.service, markdown: '', at };
        await rows.knowledge.put(entry, one.learned);
        ids.set(`${one.service} ${one.family}`, incident.id);
      }
    });
  const db: Kysely<Database> = createDb(
    new PostgresDialect({ pool: new Pool({ connectionString: databaseUrl, max: 1 }) }),
  );
  return {
    idOf: (service, family) => ids.get(`${service} ${family}`) ?? '',
    async ids(query) {
      const { rows } = await (query as RawBuilder<{ id: string }>).execute(db);
      return rows.map((row) => row.id);
    },
    close: () => db.destroy(),
  };
}
