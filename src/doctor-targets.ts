import type { Policy } from './config/policy.ts';
import { type CheckResult, check, missing, Nothing } from './doctor-check.ts';
import type { Service } from './domain/service.ts';
import type { CacheStore } from './ports/cache-store.ts';
import type { DatabaseInspector } from './ports/database.ts';
import type { Directory } from './ports/directory.ts';
import type { WorkloadRuntime } from './ports/runtime.ts';

/** What the catalogue lets remedies act on; only looked at here. */
export interface TargetParts {
  readonly inspector: DatabaseInspector;
  readonly caches: CacheStore;
  readonly workloads: WorkloadRuntime;
}

/** A look, not a count: enough to know that the server answers to these credentials. */
const cacheLook = { keys: 1_000, timeMs: 1_000, measureMs: 0 };

/** Every database, cache and workload, with the credentials that a remedy would use. */
export async function* examineTargets(
  services: readonly Service[],
  { inspector, caches, workloads }: TargetParts,
): AsyncGenerator<CheckResult> {
  for (const service of services) {
    for (const database of service.databases) {
      yield await check(`database ${database.name}`, async (signal) => {
        const tables = await inspector.tables(database, signal);
        if (tables.length === 0)
          throw new Nothing(
            `no table in ${database.schemas.join(', ')} can be read`,
            'Correct `schemas`, or give the role the right to read.',
          );
        return `${tables.length} tables of ${service.name}`;
      });
    }
    for (const cache of service.caches) {
      yield await check(`cache ${cache.name}`, async (signal) => {
        const pattern = cache.patterns[0] ?? '';
        const seen = await caches.survey(cache, pattern, cacheLook, signal);
        return `${seen.totalKeys} keys, ${seen.keys}${seen.complete ? '' : ' or more'} of ${pattern}`;
      });
    }
    for (const workload of service.workloads) {
      yield await check(`workload ${workload.name}`, async (signal) => {
        const { replicas, image } = await workloads.state(workload, signal);
        const refused = await workloads.rehearse(workload, signal);
        if (refused !== null)
          throw new Nothing(
            `a restart would be refused: ${refused}`,
            'Give the account the right to restart it.',
          );
        return `${replicas.ready} of ${replicas.wanted} replicas of ${image}; a restart would be accepted`;
      });
    }
  }
}

/** People that the policy names for the moments when something must be stopped, or forced. */
export async function* examineAuthority(
  policy: Policy,
  directory: Directory | null,
): AsyncGenerator<CheckResult> {
  if (policy.haltLifters.length === 0) {
    yield missing('halt', 'Name `policy.haltLifters`: a halt could be called and never be lifted.');
  } else if (directory !== null) {
    yield await check('halt', async (signal) => {
      const people = await directory.members(policy.haltLifters, signal);
      if (people.size === 0)
        throw new Nothing('nobody may lift a halt', 'Name people or groups with members in `haltLifters`.');
      return `${people.size} people may lift one`;
    });
  }
  const { breakGlass } = policy;
  if (breakGlass === null || directory === null) return;
  yield await check('break glass', async (signal) => {
    const people = await directory.members(breakGlass.people, signal);
    if (people.size === 0)
      throw new Nothing('nobody has the role', 'Name people or groups with members in `breakGlass.people`.');
    return `${people.size} people, announced in ${breakGlass.announceTo}`;
  });
}
