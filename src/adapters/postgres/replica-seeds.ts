import type { DatabaseTarget, Service } from '../../domain/service.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { ReplicaSeed, ReplicaSeeds } from '../../ports/replica-seeds.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { readOnly } from './database-inspector.ts';
import { chooseTables } from './seed/choose-tables.ts';
import { listTables, qualifyNames, readParts, readTables } from './seed/read-schema.ts';
import { type SeedFacts, type SeedLimits, writeSeed } from './seed/seed-script.ts';
import { withSession } from './session.ts';
import { readStatistics } from './trial/read-replica-facts.ts';

export interface ReplicaSeedOptions {
  readonly secrets: Secrets;
  readonly clock?: Clock;
  readonly limits?: Partial<SeedLimits>;
}

/** It is in within a few seconds on one core: whoever waits for a sandbox waits for it, too. */
const defaultLimits: SeedLimits = { rows: 2_000, allRows: 20_000, fillMs: 4_000, bytes: 2_000_000 };
const tableLimits = { tables: 100, partitions: 12 };
const reading = { connectTimeoutMs: 5_000, statementTimeoutMs: 10_000, lockTimeoutMs: 2_000 };
const readMs = 20_000;
/** Sandboxes of one incident ask for the same; a schema that changes meanwhile is seen the next time. */
const keptMs = 10 * 60_000;

/** Seeds for a PostgreSQL beside a sandbox, from the schema and the statistics of services' own databases. */
export function createReplicaSeeds(options: ReplicaSeedOptions): ReplicaSeeds {
  const access = { secrets: options.secrets, limits: reading };
  const limits = { ...defaultLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const kept = new Map<string, { readonly seed: ReplicaSeed; readonly untilMs: number }>();

  async function make(target: DatabaseTarget, signal: AbortSignal): Promise<ReplicaSeed> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(readMs)]);
    const { facts, leftOut } = await withSession(access, target, limit, (session) =>
      readOnly(session, [], async () => {
        await qualifyNames(session);
        const chosen = chooseTables(await listTables(session, target.schemas), tableLimits);
        const oids = chosen.trees.flatMap(({ root, parts }) => [root, ...parts].map(({ oid }) => oid));
        const tables = new Map((await readTables(session, oids)).map((table) => [table.oid, table]));
        const known = await readStatistics(session, oids);
        const statistics: SeedFacts['statistics'] = new Map(
          known.flatMap((one) => {
            const table = [...tables.values()].find(
              ({ schema, name }) => schema === one.schema && name === one.name,
            );
            return table === undefined ? [] : [[table.oid, one] as const];
          }),
        );
        const parts = await readParts(session, target.schemas);
        return {
          facts: { ...chosen, schemas: target.schemas, tables, statistics, parts },
          leftOut: chosen.leftOut,
        };
      }),
    );
    if (facts.trees.length === 0)
      return {
        reason: `${target.name} has no tables in ${target.schemas.join(', ')} that Warroom’s role sees.`,
      };
    const written = writeSeed(facts, limits);
    return { seed: written.seed, leftOut: [...leftOut, ...written.leftOut] };
  }

  return {
    async seedFor(service, signal) {
      const target = targetOf(service);
      if (target === undefined) return { reason: 'the catalogue names no database for it.' };
      const key = JSON.stringify([service.name, target]);
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > clock.now().getTime()) return known.seed;
      try {
        const seed = await make(target, signal);
        kept.set(key, { seed, untilMs: clock.now().getTime() + keptMs });
        return seed;
      } catch (error) {
        signal.throwIfAborted();
        // A database in trouble still has the schema that it had.
        if (known !== undefined) return known.seed;
        if (error instanceof WarroomError) return { reason: explainError(error) };
        if (error instanceof DOMException && error.name === 'TimeoutError')
          return { reason: `${target.name} was not read in ${readMs / 1000} s.` };
        throw error;
      }
    },
  };
}

function targetOf({ sandbox, databases }: Service): DatabaseTarget | undefined {
  return databases.find(({ name }) => name === sandbox.database);
}
