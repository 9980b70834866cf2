import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type LeashedProcess, startLeashed } from '../monitoring/leashed-process.ts';
import { DemoError } from '../shop/demo-error.ts';
import { findFreePort } from '../shop/free-port.ts';
import { PAYMENTS } from '../shop/normalise-scenario.ts';
import { asServerUser, canReach, findServerUser, type ServerUser } from './postgres-programs.ts';
import { splitLines } from './split-lines.ts';

const run = promisify(execFile);

export interface Database {
  readonly name: string;
  /** For the service that it belongs to. */
  readonly serviceUrl: string;
  /** For Warroom: a role that may read, and make indexes, since it is a member of the tables' owner. */
  readonly operatorUrl: string;
  stop(): Promise<void>;
}

const READY_MS = 30_000;
const SCHEMA = join(import.meta.dirname, '../shop/services/payment-service/db/payments.sql');

/**
 * PostgreSQL's own settings but for these: nothing has to survive a crash, and one statement is to have one plan on every
 * machine.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '20',
  shared_buffers: '128MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum: 'off',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] %q%u@%d ',
};

/** What takes longer is logged, as most teams have it; filling the table is nobody's slow statement. */
const SLOW_MS = 100;

/** Its machine is not ours to fill: what people look at goes before what the database scans. */
const NICENESS = '5';

/** A shell that turns the leash's "end" into PostgreSQL's "at once": there is nothing worth a checkpoint. */
const AT_ONCE = '"$@" & server=$!; trap \'kill -QUIT $server\' TERM; wait $server; wait $server';

/**
 * Starts a private PostgreSQL with the payments of a year: a million rows, and a primary key as their only index.
 * @throws DemoError `database_not_ready` with the server's last words
 */
export async function startPaymentsDatabase(options: {
  dir: string;
  /** Folder of PostgreSQL's programs. */
  programs: string;
  /** Lines of the server's log, as it writes them. */
  onLine: (line: string) => void;
  signal: AbortSignal;
}): Promise<Database> {
  const user = findServerUser();
  const dir = await makeFolder(options.dir, user);
  const password = { admin: secret(), service: secret(), operator: secret() };
  const data = join(dir, 'data');
  let server: LeashedProcess | null = null;
  let admin: Client | null = null;
  const stop = async () => {
    await admin?.end().catch(() => {});
    await server?.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await initialise(options.programs, dir, data, password.admin, user);
    const port = await findFreePort();
    server = startServer(options, data, port, user);
    const url = (role: string, word: string, database: string) =>
      `postgres://${role}:${word}@127.0.0.1:${port}/${database}`;
    admin = await connect(url('postgres', password.admin, 'postgres'), server, options.signal);
    await createRoles(admin, password);
    const serviceUrl = url('payment_service', password.service, PAYMENTS);
    await fill(serviceUrl, server, options.signal);
    await admin.query(`alter system set log_min_duration_statement = ${SLOW_MS}`);
    await admin.query('select pg_reload_conf()');
    await admin.end();
    return { name: PAYMENTS, serviceUrl, operatorUrl: url('warroom', password.operator, PAYMENTS), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const secret = () => randomBytes(18).toString('hex');

/** Below the demo's own folder where the server's user gets there, else where everybody does. */
async function makeFolder(wanted: string, user: ServerUser | null): Promise<string> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (user === null) return wanted;
  await chown(wanted, user.uid, user.gid);
  if (await canReach(user, wanted)) return wanted;
  await rm(wanted, { recursive: true });
  const elsewhere = await mkdtemp(join(tmpdir(), 'demo-database-'));
  await chown(elsewhere, user.uid, user.gid);
  return elsewhere;
}

async function initialise(
  programs: string,
  dir: string,
  data: string,
  password: string,
  user: ServerUser | null,
): Promise<void> {
  const passwordFile = join(dir, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) await chown(passwordFile, user.uid, user.gid);
  const options = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--username=postgres',
  ];
  const [command, ...args] = asServerUser(user, [
    join(programs, 'initdb'),
    `--pgdata=${data}`,
    `--pwfile=${passwordFile}`,
    ...options,
  ]);
  try {
    await run(command, args, { cwd: dir });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new DemoError(
      'database_not_ready',
      `initdb failed: ${said}`,
      'Check that PostgreSQL is installed.',
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function startServer(
  options: { programs: string; onLine: (line: string) => void },
  data: string,
  port: number,
  user: ServerUser | null,
): LeashedProcess {
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const server = asServerUser(user, [join(options.programs, 'postgres'), '-D', data, ...settings]);
  return startLeashed('nice', ['-n', NICENESS, '/bin/sh', '-c', AT_ONCE, 'payments-database', ...server], {
    cwd: data,
    onOutput: splitLines(options.onLine),
  });
}

async function connect(url: string, server: LeashedProcess, signal: AbortSignal): Promise<Client> {
  const deadlineMs = Date.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (cause) {
      await client.end().catch(() => {});
      if (server.hasExited() || Date.now() > deadlineMs)
        throw new DemoError(
          'database_not_ready',
          `PostgreSQL did not start: ${server.output() || 'it said nothing'}`,
          'Read what it says.',
          { cause },
        );
    }
    await sleep(100, undefined, { signal });
  }
}

/** The service owns its tables; the operator's role is a member of the owner's, which is what making an index takes. */
async function createRoles(admin: Client, password: { service: string; operator: string }): Promise<void> {
  await admin.query(`create role payment_service login password '${password.service}'`);
  await admin.query(`create role warroom login password '${password.operator}' in role payment_service`);
  await admin.query(`create database ${PAYMENTS} owner payment_service`);
}

async function fill(url: string, server: LeashedProcess, signal: AbortSignal): Promise<void> {
  const client = await connect(url, server, signal);
  const leave = () => void client.end().catch(() => {});
  signal.addEventListener('abort', leave, { once: true });
  try {
    // Rows go straight into a table of the same transaction: nothing is written twice.
    await client.query(`begin; ${await readFile(SCHEMA, 'utf8')}`);
    await client.query(await readFile(join(import.meta.dirname, 'fill-payments.sql'), 'utf8'));
    await client.query('commit');
    await client.query('vacuum (analyze) payments');
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    await client.end().catch(() => {});
  }
}
