import type { DatabaseTarget } from '../domain/service.ts';
import type { IndexFacts } from './database.ts';

/** An index that is wanted. Every name is checked against the catalogue's schemas and the database before it is used. */
export interface IndexOrder {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly order: 'asc' | 'desc' }[];
  /** At most 63 bytes; the same for every try of one order. */
  readonly name: string;
}

export interface IndexIdentity {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
}

export type Built =
  /** `built` false: it was already there, valid, from an earlier try. */
  | { readonly done: true; readonly built: boolean; readonly index: IndexFacts }
  | { readonly done: false; readonly reason: string };

export type Dropped =
  /** `dropped` false: it was already gone. */
  { readonly done: true; readonly dropped: boolean } | { readonly done: false; readonly reason: string };

/**
 * Makes and removes indexes of a service's PostgreSQL, while writes go on. Calls with one name are serialised, also between
 * processes, and each looks first at what is there. Throws `SourceUnreachable` (retryable: the effect is unknown, the next
 * try finds out), or `SourceRefused` (a missing right, a full disk), both with a hint and without a credential.
 */
export interface DatabaseAdmin {
  /** The statement that `createIndex` would run, whole. Null: a name in it does not exist in this target. */
  createStatement(target: DatabaseTarget, order: IndexOrder, signal: AbortSignal): Promise<string | null>;
  /** An invalid index that an earlier try left under this name is removed and built again. */
  createIndex(target: DatabaseTarget, order: IndexOrder, signal: AbortSignal): Promise<Built>;
  /**
   * Builds the index of a stored definition again, as it was.
   * @param definition as `IndexFacts.definition` gave it
   */
  restoreIndex(
    target: DatabaseTarget,
    index: IndexIdentity,
    definition: string,
    signal: AbortSignal,
  ): Promise<Built>;
  /** Why this index must not be dropped (it backs a constraint, say), in a phrase; null when it may be. */
  whyNeeded(target: DatabaseTarget, index: IndexIdentity, signal: AbortSignal): Promise<string | null>;
  /** Refuses what `whyNeeded` names. */
  dropIndex(target: DatabaseTarget, index: IndexIdentity, signal: AbortSignal): Promise<Dropped>;
}
