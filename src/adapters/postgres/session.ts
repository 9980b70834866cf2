import { Client, type ClientConfig, type QueryConfig } from 'pg';
import { z } from 'zod';
import type { DatabaseTarget } from '../../domain/service.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { explainFailure } from './errors.ts';

/** One connection, for one call. */
export interface Session {
  /** One statement, never more: the extended protocol takes no second one. Errors are the driver's own. */
  rows<T>(schema: z.ZodType<T>, statement: string, values?: readonly unknown[]): Promise<T[]>;
  run(statement: string): Promise<void>;
}

export interface SessionLimits {
  readonly connectTimeoutMs: number;
  /** Told to the server; what it does not keep is cut off a moment later. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** How long the server has to end a statement that was cancelled, before the connection is cut. */
const cancelMs = 5_000;

/**
 * We never pause for long between statements. A server that hears nothing of a connection that broke would keep the session,
 * and the name that it holds, for hours. (PostgreSQL 13 has no such limit.)
 */
const idleMs = 5_000;

/**
 * Connects with the credential of this moment, works, disconnects. Everything that leaves here is one of our errors,
 * without the credential.
 * @param work may use the session for one statement after the other until `signal` aborts
 */
export async function withSession<T>(
  access: { readonly secrets: Secrets; readonly limits: SessionLimits },
  target: DatabaseTarget,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { limits } = access;
  const config = readUrl(await access.secrets.read(target.url), target);
  signal.throwIfAborted();
  const client = open(config, limits.connectTimeoutMs);
  const greeting = AbortSignal.any([signal, AbortSignal.timeout(2 * limits.connectTimeoutMs)]);
  const onAbort = (): void => void disconnect(client);
  greeting.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect();
    await prepare(client, limits);
    greeting.removeEventListener('abort', onAbort);
    signal.throwIfAborted();
    return await work(sessionOf(client, config, limits, signal));
  } catch (error) {
    // After an abort what fails is only its echo.
    if (signal.aborted) throw signal.reason;
    throw explainFailure(error, target.name);
  } finally {
    greeting.removeEventListener('abort', onAbort);
    await disconnect(client);
  }
}

function readUrl(url: string, target: DatabaseTarget): ClientConfig {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new SourceRefused(
      `The secret of PostgreSQL ${target.name} holds no postgres:// URL.`,
      'It must read postgres://user:password@host:5432/database.',
    );
  }
  return { connectionString: url };
}

function open(config: ClientConfig, connectTimeoutMs: number): Client {
  const client = newClient({
    ...config,
    application_name: 'warroom',
    connectionTimeoutMillis: connectTimeoutMs,
    // A build may be silent for an hour; a peer that is gone must still be noticed.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Without a listener a lost connection ends the process; the statement that it interrupts fails anyway.
  client.on('error', () => undefined);
  return client;
}

function newClient(config: ClientConfig): Client {
  try {
    return new Client(config);
  } catch {
    // The driver's complaint about a URL quotes it.
    throw new SourceRefused(
      'The secret of a PostgreSQL holds a URL that the driver cannot read.',
      'Check its parameters; certificate files that it names must exist.',
    );
  }
}

async function prepare(client: Client, limits: SessionLimits): Promise<void> {
  // One way of reading quotes on both sides of the wire: the guard and the server must see the same statement.
  await client.query(`
    set standard_conforming_strings = on;
    set statement_timeout = ${Math.ceil(limits.statementTimeoutMs)};
    set lock_timeout = ${Math.ceil(limits.lockTimeoutMs)};
    set idle_in_transaction_session_timeout = 60000;
    select set_config(name, '${idleMs}', false) from pg_settings where name = 'idle_session_timeout'`);
}

function sessionOf(
  client: Client,
  config: ClientConfig,
  limits: SessionLimits,
  signal: AbortSignal,
): Session {
  async function ask(text: string, values: readonly unknown[]): Promise<unknown[]> {
    signal.throwIfAborted();
    const silence = limits.statementTimeoutMs + cancelMs;
    const stop = Promise.withResolvers<never>();
    stop.promise.catch(() => undefined);
    const timer = setTimeout(
      () => stop.reject(new SourceUnreachable('PostgreSQL gave no answer in time.', 'See its log.')),
      Math.min(silence, 2 ** 31 - 1),
    );
    const onAbort = (): void => {
      void cancel(client, config, limits).finally(() => stop.reject(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const question: QueryConfig & { queryMode: 'extended' } = {
        text,
        values: [...values],
        queryMode: 'extended',
      };
      const answer = client.query(question);
      answer.catch(() => undefined);
      const { rows } = await Promise.race([answer, stop.promise]);
      return rows;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }
  return {
    async rows(schema, statement, values = []) {
      const answer = z.array(schema).safeParse(await ask(statement, values));
      if (answer.success) return answer.data;
      throw new SourceRefused(
        'PostgreSQL answered in a form that this version does not understand.',
        'PostgreSQL 13 and later are known to work.',
      );
    },
    async run(statement) {
      await ask(statement, []);
    },
  };
}

/** Ends the running statement: a server does not notice by itself that nobody waits any more. */
async function cancel(client: Client, config: ClientConfig, limits: SessionLimits): Promise<void> {
  const pid = 'processID' in client && typeof client.processID === 'number' ? client.processID : null;
  if (pid === null) return;
  const other = open(config, limits.connectTimeoutMs);
  try {
    await other.connect();
    await other.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // Then it goes on until its own time limit, and the next try finds out.
  } finally {
    await disconnect(other);
  }
}

async function disconnect(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}
