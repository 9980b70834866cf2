import type { Environment } from '../config/environment.ts';
import { auditKeyOf } from '../domain/audit-seal.ts';
import { type FoundSimilar, findSimilar } from '../flow/similar.ts';
import type { Log } from '../platform/log.ts';
import { openRecord } from '../store/open-record.ts';

const mostFound = 5;

/** As an operator asks for it. @throws RecordInUse when a bot has the embedded record open */
export async function readSimilar(env: Environment, log: Log, text: string): Promise<FoundSimilar | null> {
  const store = await openRecord({
    databaseUrl: env.DATABASE_URL,
    dataDir: `${env.DATA_DIR}/record`,
    auditKey: auditKeyOf(env.WARROOM_SECRET),
    log,
  });
  try {
    return await findSimilar(store.record, { text, incidentId: null }, mostFound);
  } finally {
    await store.close();
  }
}
