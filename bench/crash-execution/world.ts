import type { PlannedRemedy } from '../../src/domain/plan.ts';
import type { MetricSource } from '../../src/ports/metric-source.ts';
import type { RemedyRegistry } from '../../src/ports/remedy.ts';
import type { CrashPoints } from '../../test/support/crash-points.ts';
import type { Path } from './run.ts';

/** Where the effects of a plan's two steps go, and where they can be counted. */
export interface World {
  /** The steps of one run, over targets that nothing was done to yet. */
  prepare(id: string): Promise<readonly PlannedRemedy[]>;
  /** @param crash null in a process that lives; otherwise every call that the remedies make is one to die at */
  remedies(crash: CrashPoints | null): RemedyRegistry;
  /** How many of a run's steps stand now. */
  standing(id: string): Promise<number>;
  /** How often each doing (`do 1`) and undoing (`undo 1`) of a run took place. */
  acts(id: string): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** The alert of a service that is as well as the fix makes it: better or worse once both steps stand. */
export function metricsOf(world: World, id: string, path: Path): MetricSource {
  const ratio = { helped: 0.01, worse: 0.9 }[path];
  return {
    async instant(expression) {
      const value = (await world.standing(id)) === 2 ? ratio : 0.4;
      const quiet = expression.endsWith('> 0.1') && value <= 0.1;
      return quiet ? [] : [{ labels: { service: 'ledger' }, value }];
    },
    range: async () => [],
    alertRules: async () => [],
    metricNames: async () => [],
  };
}
