import type { DatabaseTarget } from '../domain/service.ts';
import type { IndexFacts } from './database.ts';

/** An index that is wanted: plain, over columns. */
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

export type Rehearsal =
  /** The statement that would run, whole. */
  | { readonly possible: true; readonly statement: string }
  /** A phrase: a name that is not there, a missing right, an index that a constraint needs. */
  | { readonly possible: false; readonly reason: string };

export type Built =
  /** `built` false: it was already there, valid, from an earlier try. */
  | { readonly done: true; readonly built: boolean; readonly index: IndexFacts }
  /** Nothing is left behind. */
  | { readonly done: false; readonly reason: string };

export type Dropped =
  /** `dropped` false: it was already gone. */
  { readonly done: true; readonly dropped: boolean } | { readonly done: false; readonly reason: string };

/**
 * Makes and removes indexes of a service's PostgreSQL while writes go on. Names are checked against the target's schemas and
 * quoted. Calls with one name are serialised, also between processes, and each looks first at what is there. A call that is
 * aborted cancels its statement. Throws `SourceUnreachable` or `DatabaseBusy` (both retryable: the effect is unknown, and the
 * next try finds out), or `SourceRefused` (a missing right, a full disk); all with a hint and without a credential.
 */
export interface DatabaseAdmin {
  rehearseCreate(target: DatabaseTarget, order: IndexOrder, signal: AbortSignal): Promise<Rehearsal>;
  /** An invalid index that an earlier try left under this name is removed and built again. */
  createIndex(target: DatabaseTarget, order: IndexOrder, signal: AbortSignal): Promise<Built>;
  /**
   * Builds a dropped index again, as it was; one that is there and valid is left alone.
   * @param definition as `IndexFacts.definition` gave it
   */
  restoreIndex(
    target: DatabaseTarget,
    index: IndexIdentity,
    definition: string,
    signal: AbortSignal,
  ): Promise<Built>;
  rehearseDrop(target: DatabaseTarget, index: IndexIdentity, signal: AbortSignal): Promise<Rehearsal>;
  /** Refuses what `rehearseDrop` refuses. */
  dropIndex(target: DatabaseTarget, index: IndexIdentity, signal: AbortSignal): Promise<Dropped>;
}
