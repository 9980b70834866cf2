import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { testSecret } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { freePort } from '../support/server-process.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

/** The real command on a real PostgreSQL, Redis and git; what each line says and what is left behind. */
describe('the doctor', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let folder: string;
  let repository: string;

  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warroom-doctor-'));
    repository = join(folder, 'ledger.git');
    await mkdir(repository);
    const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, stdio: 'pipe' });
    git('init', '--quiet', '--initial-branch=main');
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    git(...who, 'commit', '--quiet', '--allow-empty', '-m', 'First');
    await mkdir(join(folder, 'home'));
    await writeCatalogue(`file://${repository}`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  afterAll(async () => {
    await redis.stop();
    await database.drop();
  });

  const writeCatalogue = (url: string) =>
    writeFile(
      join(folder, 'home', 'warroom.yaml'),
      stringify({
        services: ['ledger', 'checkout'].map((name) => ({
          name,
          repository: { url, slug: `acme/${name}` },
          language: 'node',
          testCommand: ['npm', 'test'],
          dependsOn: name === 'checkout' ? ['ledger'] : [],
        })),
      }),
    );

  type Run = { code: number; out: string; line: (name: string) => string };

  function run(command: string, change: Readonly<Record<string, string>> = {}): Promise<Run> {
    const env = {
      PATH: process.env['PATH'],
      DOCKER_HOST: process.env['DOCKER_HOST'],
      SANDBOX_IMAGE: process.env['SANDBOX_IMAGE'],
      HOME: folder,
      WARROOM_SECRET: testSecret,
      ALERTMANAGER_WEBHOOK_TOKEN: 'hook-token-of-this-test',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      ...change,
    };
    const { promise, resolve: done } = Promise.withResolvers<Run>();
    execFile(process.execPath, [cli, command], { cwd: join(folder, 'home'), env }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      const line = (name: string) =>
        out.split('\n').find((one) => one.slice(2).split(/\s{2,}/)[0] === name) ?? `no line ${name}:\n${err}`;
      done({ code, out: out + err, line });
    });
    return promise;
  }

  async function tables(): Promise<string[]> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `select table_name as name from information_schema.tables where table_schema = 'public'`,
      );
      return rows.map((row) => row.name);
    } finally {
      await client.end();
    }
  }

  const leftBehind = () => readdir(join(folder, 'home'));

  it('finds all well, says what is pending, and leaves nothing behind', async () => {
    const found = await run('doctor');

    expect(found.out).toContain('All that is configured works.');
    expect(found.code).toBe(0);
    expect(found.line('catalogue')).toBe('✓ catalogue                    2 services: ledger, checkout');
    expect(found.line('record')).toMatch(/^✓.* answers; .*migrations pending \(001-record/);
    expect(found.line('queue')).toMatch(/^✓ .*answers/);
    expect(found.line('source of ledger')).toMatch(/^✓ .*head [0-9a-f]{12}/);
    expect(found.line('metrics')).toMatch(/^– .*PROMETHEUS_URL/);
    expect(await tables()).toEqual([]);
    expect(await leftBehind()).toEqual(['warroom.yaml']);
  });

  it('needs neither PostgreSQL nor Redis of one’s own, and makes none', async () => {
    const found = await run('doctor', { DATABASE_URL: '', REDIS_URL: '' });

    expect(found.code).toBe(0);
    expect(found.line('record')).toMatch(/^✓ .*embedded database, made at the first start/);
    expect(found.line('queue')).toMatch(/^✓ .*private redis-server/);
    expect(await leftBehind()).toEqual(['warroom.yaml']);
  });

  it('goes on when Redis is down, and says what to do', async () => {
    const port = await freePort();

    const found = await run('doctor', { REDIS_URL: `redis://127.0.0.1:${port}` });

    expect(found.code).toBe(1);
    expect(found.line('queue')).toMatch(/^✗ .*ECONNREFUSED.*REDIS_URL/);
    expect(found.line('record')).toMatch(/^✓/);
    expect(found.line('source of checkout')).toMatch(/^✓/);
    expect(found.line('investigator')).toMatch(/^✓/);
    expect(found.out).toContain('1 to repair.');
  });

  it('goes on when the database is the wrong one', async () => {
    const found = await run('doctor', { DATABASE_URL: database.url.replace(/[^/]+$/, 'no_such_database') });

    expect(found.code).toBe(1);
    expect(found.line('record')).toMatch(/^✗ .*has no such database.*DATABASE_URL/);
    expect(found.line('queue')).toMatch(/^✓/);
    expect(found.line('source of ledger')).toMatch(/^✓/);
  });

  it('goes on when the catalogue is wrong, and names the line', async () => {
    await writeFile(join(folder, 'home', 'warroom.yaml'), 'services:\n  - name: Ledger\n');

    const found = await run('doctor');

    expect(found.code).toBe(1);
    expect(found.line('catalogue')).toMatch(/^✗ /);
    expect(found.out).toContain('warroom.yaml:2: services.0.name');
    expect(found.line('record')).toMatch(/^✓/);
    expect(found.line('queue')).toMatch(/^✓/);
  });

  it('asks for GITHUB_TOKEN when a repository wants credentials and there are none', async () => {
    const door = createServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    });
    await new Promise<void>((ready) => door.listen(0, '127.0.0.1', ready));
    await writeCatalogue(`http://127.0.0.1:${(door.address() as AddressInfo).port}/acme/ledger.git`);

    const found = await run('doctor');
    await new Promise((closed) => door.close(closed));

    expect(found.code).toBe(1);
    expect(found.line('source of ledger')).toMatch(/^✗ .*asks for credentials.*none.*Set GITHUB_TOKEN/);
  });

  it('migrates the record alone: Redis may be away', async () => {
    const port = await freePort();

    const migrated = await run('migrate', { REDIS_URL: `redis://127.0.0.1:${port}` });
    const found = await run('doctor');

    expect(migrated).toMatchObject({ code: 0, out: 'The database is at this version.\n' });
    expect(await tables()).toContain('incidents');
    expect(found.line('record')).toContain('its tables are of this version');
  });
});
