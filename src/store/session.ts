import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { AuditKey } from '../domain/audit-seal.ts';
import type { Clock } from '../platform/clock.ts';
import { systemStream } from '../ports/record.ts';
import { mayRunAgain } from './record-errors.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

/** What a repository works on: a connection pool or one open transaction. */
export interface Session {
  readonly db: Db;
  /** Seals what is written; the database never has it. */
  readonly auditKey: AuditKey;
  /** SQL for this moment: the database's clock, or the one that a test holds still. */
  now(): RawBuilder<Date>;
  /** Runs several statements as one; inside a transaction they simply belong to it. */
  atomic<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

interface OpenTransaction {
  readonly session: Session;
  open: boolean;
  failure?: { readonly error: unknown };
}

const maxAttempts = 8;

/**
 * Calls made while a transaction's work runs belong to that transaction, even those made on the outer session: on an
 * embedded database with its one connection they would otherwise wait for it for ever.
 */
export class RootSession implements Session {
  readonly auditKey: AuditKey;
  readonly #base: Db;
  readonly #clock: Clock | undefined;
  readonly #current = new AsyncLocalStorage<OpenTransaction>();

  constructor(base: Db, clock: Clock | undefined, auditKey: AuditKey) {
    this.auditKey = auditKey;
    this.#base = base;
    this.#clock = clock;
  }

  get db(): Db {
    return this.#open()?.session.db ?? this.#base;
  }

  /** True while the caller is inside a transaction's work. */
  get inTransaction(): boolean {
    return this.#open() !== undefined;
  }

  now(): RawBuilder<Date> {
    return this.#clock === undefined
      ? sql<Date>`clock_timestamp()`
      : sql<Date>`${this.#clock.now()}::timestamptz`;
  }

  atomic<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.transaction((session) => work(session.db));
  }

  /** A failure inside a nested transaction undoes the outer one too, even if the caller swallows it: half a step must not stay. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const outer = this.#open();
    if (outer === undefined) return await this.#runWithRetries(work);
    try {
      return await work(outer.session);
    } catch (error) {
      outer.failure ??= { error };
      throw error;
    }
  }

  async #runWithRetries<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#run(work);
      } catch (error) {
        if (attempt >= maxAttempts || !mayRunAgain(error)) throw error;
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  /** Read committed: the rules rest on row locks and unique keys, and a lock is of use only if what follows it reads afresh. */
  #run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#base
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (db) => {
        const { auditKey } = this;
        const session: Session = { db, auditKey, now: () => this.now(), atomic: (inner) => inner(db) };
        const transaction: OpenTransaction = { session, open: true };
        try {
          const value = await this.#current.run(transaction, () => work(session));
          if (transaction.failure !== undefined) throw transaction.failure.error;
          return value;
        } finally {
          transaction.open = false;
        }
      });
  }

  #open(): OpenTransaction | undefined {
    const current = this.#current.getStore();
    return current?.open === true ? current : undefined;
  }
}

/**
 * Held until the transaction ends. Everything that numbers or orders rows of an incident takes this one lock, so that two
 * transactions on one incident wait for each other instead of deadlocking. The system stream has no row to lock.
 */
export async function lockIncident(db: Db, incidentId: string): Promise<void> {
  if (incidentId === systemStream) return lockAdvisory(db, 'systemStream');
  await db
    .selectFrom('incidents')
    .select('id')
    .where('id', '=', incidentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow(() => new Error(`There is no incident ${incidentId}`));
}

/** Advisory locks in use, so that no two purposes share a number. */
export const advisoryLocks = {
  grouping: 72_001,
  outboxClaim: 72_002,
  systemStream: 72_003,
  selfRuns: 72_004,
  targets: 72_005,
  halts: 72_006,
  auditAnchor: 72_007,
} as const;

/** Held until the transaction ends. */
export async function lockAdvisory(db: Db, purpose: keyof typeof advisoryLocks): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks[purpose]}::bigint)`.execute(db);
}
