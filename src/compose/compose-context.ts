import path from 'node:path';
import { createGit } from '../adapters/git/git.ts';
import { type ViewParts, viewContext } from '../agents/context/view-context.ts';
import { readCatalogue } from '../config/catalogue.ts';
import type { Environment } from '../config/environment.ts';
import { auditKeyOf } from '../domain/audit-seal.ts';
import type { FlowContext } from '../flow/context.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { openRecord } from '../store/open-record.ts';
import { composeSandboxes } from './compose-sandboxes.ts';
import { connectOutside } from './connect-outside.ts';

const deadlineMs = 120_000;

type Asked = Parameters<typeof viewContext>[1];

/** As the running bot sees it. */
export function viewContextOf(env: Environment, flow: FlowContext, asked: Asked): Promise<string[]> {
  const { catalogue, sources, record } = flow;
  const { model } = connectOutside(env);
  const parts: ViewParts = { catalogue, sources, record, model };
  return viewContext(parts, asked, AbortSignal.timeout(deadlineMs));
}

/**
 * As an operator asks for it, beside a running bot or without one. An embedded record that a bot holds stays closed:
 * past incidents and telemetry are then missing, and the answer says so.
 */
export async function readContext(env: Environment, log: Log, service: string): Promise<string[]> {
  const { catalogue } = await readCatalogue(env.CATALOGUE_FILE);
  const { metrics, credentials, model } = connectOutside(env);
  let store: Awaited<ReturnType<typeof openRecord>> | null = null;
  let why = '';
  try {
    store = await openRecord({
      databaseUrl: env.DATABASE_URL,
      dataDir: path.join(env.DATA_DIR, 'record'),
      auditKey: auditKeyOf(env.WARROOM_SECRET),
      log,
    });
  } catch (error) {
    if (!(error instanceof WarroomError)) throw error;
    why = explainError(error);
  }
  const sandbox = composeSandboxes(env, catalogue.clusters);
  const closed = (): Promise<never> => Promise.reject(new Error(why));
  try {
    const parts: ViewParts = {
      catalogue,
      record: store?.record ?? null,
      model,
      sources: {
        metrics,
        logs: store?.telemetry ?? { lines: closed },
        traces: store?.telemetry ?? { spans: closed },
        source: createGit({
          cacheDir: path.join(env.DATA_DIR, 'git'),
          cacheBytes: env.MIRROR_CACHE_GB * 1e9,
          credentials,
          log,
        }),
        sandbox,
        databases: null,
        statements: null,
      },
    };
    const lines = await viewContext(parts, { service, incidentId: null }, AbortSignal.timeout(deadlineMs));
    return store === null ? [...lines, `The record is not open here: ${why}`] : lines;
  } finally {
    await sandbox.close();
    await store?.close();
  }
}
