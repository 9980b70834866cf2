import type { Service } from '../domain/service.ts';

export type ReplicaSeed =
  | {
      /** SQL for psql; what of it cannot be carried out is noted in the table `warroom_seed.left_out`. */
      readonly seed: string;
      /** Sentences: what of the database it does not bring back. */
      readonly leftOut: readonly string[];
    }
  /** A sentence: why there is none. */
  | { readonly reason: string };

/**
 * SQL that rebuilds the database of a service in small, made from its schema and column statistics alone: no row is read,
 * and of the values that the statistics hold only those that name a category go in.
 */
export interface ReplicaSeeds {
  /** Of the database that `service.sandbox` names. It is kept for some minutes. */
  seedFor(service: Service, signal: AbortSignal): Promise<ReplicaSeed>;
}
