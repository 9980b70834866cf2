import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** A database of its own on the private server of this test run. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Ends every connection to it, as a server that restarts would. */
  disconnectAll(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * A fresh PostgreSQL database. The server starts with the first one and ends with the test run.
 * @param like a database that nobody is connected to: its copy. Null: an empty one
 */
export async function createTestDatabase(like: TestDatabase | null = null): Promise<TestDatabase> {
  const serverUrl = await sharedServer();
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await admin(serverUrl, `create database ${name}${like === null ? '' : ` template ${like.name}`}`);
  return {
    name,
    url: `${serverUrl}/${name}`,
    disconnectAll: () =>
      admin(serverUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`),
    drop: () => admin(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

/**
 * A backup of a database restored into an empty one, as an operator would.
 * @throws what psql or pg_dump wrote, at the first statement that is refused
 */
export function restoreFromDump(from: TestDatabase, into: TestDatabase): void {
  const dump = execFileSync(program('pg_dump'), ['--dbname', from.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  execFileSync(program('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '--dbname', into.url], {
    input: dump,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A server of one's own, to be stopped and started in the middle of a test. */
export interface TestServer {
  readonly url: string;
  start(): Promise<void>;
  /** `immediate` drops everything at once, as a crash does. */
  stop(mode: 'fast' | 'immediate'): void;
  remove(): void;
}

export async function createTestServer(): Promise<TestServer> {
  const folder = path.join(
    os.tmpdir(),
    `warroom-pg-own-${process.pid}-${Math.random().toString(36).slice(2, 8)}`,
  );
  const port = await freePort();
  initialise(folder);
  const url = `postgres://warroom@127.0.0.1:${port}/postgres`;
  const server: TestServer = {
    url,
    start: () => {
      superviseServer(folder, port, process.pid, false);
      return untilReady(url, folder);
    },
    stop: (mode) => runAsOwner('pg_ctl', ['stop', '-D', path.join(folder, 'data'), '-m', mode, '-w']),
    remove: () => {
      if (existsSync(path.join(folder, 'data/postmaster.pid'))) server.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

const startTimeoutMs = 30_000;

/** Workers of one vitest run are siblings: their parent is the run. */
const ownerPid = process.env['VITEST_POOL_ID'] === undefined ? process.pid : process.ppid;

let shared: Promise<string> | undefined;

function sharedServer(): Promise<string> {
  shared ??= startOrJoin();
  return shared;
}

async function startOrJoin(): Promise<string> {
  const folder = path.join(os.tmpdir(), `warroom-pg-${ownerPid}`);
  const urlFile = path.join(folder, 'url');
  if (makeFolder(folder)) {
    const port = await freePort();
    initialise(folder);
    superviseServer(folder, port, ownerPid, true);
    const url = `postgres://warroom@127.0.0.1:${port}`;
    await untilReady(`${url}/postgres`, folder);
    writeFileSync(`${urlFile}.draft`, url);
    renameSync(`${urlFile}.draft`, urlFile);
    return url;
  }
  await until(async () => existsSync(urlFile), `a PostgreSQL that another worker starts in ${folder}`);
  return readFileSync(urlFile, 'utf8');
}

function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function initialise(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const owner = serverOwner();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = path.join(folder, 'data');
  runAsOwner('initdb', ['-D', data, '-U', 'warroom', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
}

/** The shell outlives a killed test and takes the server down when the owner is gone. */
function superviseServer(folder: string, port: number, owner: number, removeAfter: boolean): void {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    max_connections: '200',
  };
  const server = [
    program('postgres'),
    '-D',
    path.join(folder, 'data'),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const script = `
    folder=$1 owner=$2 remove=$3; shift 3
    "$@" >>"$folder/log" 2>&1 & server=$!
    while kill -0 "$owner" 2>/dev/null && kill -0 "$server" 2>/dev/null; do sleep 0.5; done
    kill -INT "$server" 2>/dev/null; wait "$server"
    kill -0 "$owner" 2>/dev/null && [ "$remove" = false ] || rm -rf "$folder"`;
  const child = spawn(
    'sh',
    ['-c', script, 'supervise-postgres', folder, String(owner), String(removeAfter), ...asOwner(server)],
    { detached: true, stdio: 'ignore', cwd: os.tmpdir() },
  );
  child.unref();
}

async function untilReady(url: string, folder: string): Promise<void> {
  await until(async () => {
    try {
      await admin(url, 'select 1');
      return true;
    } catch {
      return false;
    }
  }, `PostgreSQL at ${url} (its log: ${folder}/log)`);
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${startTimeoutMs} ms for ${what}`);
    await sleep(50);
  }
}

async function admin(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({
    connectionString: serverUrl.endsWith('/postgres') ? serverUrl : `${serverUrl}/postgres`,
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** Debian keeps the programs of each version apart; elsewhere they are on the path. */
function program(name: string): string {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => path.join(versions, version, 'bin', name))
        .find((file) => existsSync(file))
    : undefined;
  return newest ?? name;
}

/** PostgreSQL refuses to run as root; its Debian package makes a user for it. */
function serverOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const ask = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: ask('-u'), gid: ask('-g') };
}

function asOwner(argv: readonly string[]): string[] {
  const owner = serverOwner();
  return owner === undefined
    ? [...argv]
    : ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', ...argv];
}

function runAsOwner(name: string, args: readonly string[]): void {
  const [file = '', ...rest] = asOwner([program(name), ...args]);
  execFileSync(file, rest, { stdio: 'pipe', cwd: os.tmpdir() });
}
