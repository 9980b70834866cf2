import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageName } from '../../setup/sandbox-image.mjs';
import type { Cell } from '../../src/adapters/docker/sandbox/cell.ts';
import {
  createOverlayBackend,
  usualOverlayRoot,
} from '../../src/adapters/docker/sandbox/workspace/overlay-backend.ts';
import type { Sandbox } from '../../src/ports/sandbox.ts';
import { type HostileWorld, openCell, openWorld } from '../support/hostile/scene.ts';

const images = {
  postgres: process.env['SANDBOX_POSTGRES_IMAGE'] || imageName('postgres'),
  redis: process.env['SANDBOX_REDIS_IMAGE'] || imageName('redis'),
};
const seed = 'create table orders (id int); insert into orders select generate_series(1, 42);';

/** Each statement in a connection of its own; prints what is answered, by the letters of the protocol. */
function asking(user: string, ...statements: readonly string[]): string {
  return `
    const net = require('net');
    const ask = (sql) => new Promise((resolve) => {
      const words = Buffer.from('user\0${user}\0database\0postgres\0\0');
      const head = Buffer.alloc(8); head.writeInt32BE(8 + words.length); head.writeInt32BE(196608, 4);
      const text = Buffer.from(sql + '\0'); const q = Buffer.alloc(5); q[0] = 81; q.writeInt32BE(4 + text.length, 1);
      const db = net.connect(5432, '127.0.0.1'); let seen = Buffer.alloc(0); let asked = false;
      db.write(Buffer.concat([head, words]));
      db.on('data', (d) => { seen = Buffer.concat([seen, d]);
        for (let at = 0; at + 5 <= seen.length; ) {
          const length = seen.readInt32BE(at + 1) + 1;
          if (at + length > seen.length) break;
          const kind = String.fromCharCode(seen[at]); const body = seen.subarray(at + 5, at + length).toString('latin1');
          at += length; if (at >= seen.length) seen = Buffer.alloc(0);
          if (kind === 'E') { console.log('error', /C(\\w{5})/.exec(body)?.[1]); if (!asked) { db.destroy(); return resolve(); } }
          if (kind === 'D') console.log('row', body.replace(/[^ -~]/g, ''));
          if (kind === 'C') console.log('done', body.replace(/\0/g, ''));
          if (kind === 'Z') { if (asked) { db.destroy(); return resolve(); } asked = true; db.write(Buffer.concat([q, text])); }
        } });
    });
    (async () => { for (const sql of ${JSON.stringify(statements)}) await ask(sql); })();`.replaceAll(
    '\0',
    '\\0',
  );
}

describe('what code can do to its side-cars', () => {
  let world: HostileWorld;
  let cell: Cell;
  let sandbox: Sandbox;
  let calm: AbortSignal;

  const script = async (code: string): Promise<string> =>
    (await sandbox.run(['node', '-e', code], { timeoutMs: 20_000, outputBytes: 8192 }, calm)).output;

  beforeEach(async () => {
    calm = AbortSignal.timeout(55_000);
    world = await openWorld();
    cell = await openCell(world, [], calm, createOverlayBackend({ root: usualOverlayRoot }));
    sandbox = cell.toSandbox(() => cell.remove());
  });

  afterEach(async () => {
    await cell?.remove();
    await world?.close();
  });

  it('runs no program in PostgreSQL, reads none of its files, and gets no role that may', async () => {
    await cell.startSideCars([{ kind: 'postgres', seed }], images, calm);

    const output = await script(
      asking(
        'postgres',
        "copy (select 1) to program 'sleep 4731 &'",
        "copy orders from '/etc/passwd'",
        "select pg_read_file('/etc/passwd')",
        'alter role postgres superuser',
        'grant pg_execute_server_program to postgres',
        'set session authorization warroom_root',
      ),
    );

    expect(output.trim().split('\n')).toEqual(Array(6).fill('error 42501'));
    for (const superuser of ['warroom_keeper', 'warroom_root']) {
      expect(await script(asking(superuser, 'select 1'))).toBe('error 28000\n');
    }
  });

  it('owns what is in it, and makes what test suites make', async () => {
    await cell.startSideCars([{ kind: 'postgres', seed }], images, calm);

    const output = await script(
      asking(
        'postgres',
        'alter table orders add column note text',
        'create database other',
        'create extension if not exists plpgsql',
        'create function f() returns trigger language plpgsql as $$ begin return new; end $$',
        'create index on orders (id)',
        'drop schema public cascade',
        'create schema public',
      ),
    );

    expect(output).not.toContain('error');
  });

  it('is gone after a reset: rows, roles and keys', async () => {
    await cell.startSideCars([{ kind: 'postgres', seed }, { kind: 'redis' }], images, calm);
    const keys = (word: string): string =>
      `require('net').connect(6379, '127.0.0.1').end('${word}\\r\\n').on('data', (d) => console.log(String(d).trim()));`;
    expect(await script(keys('SET planted 1'))).toBe('+OK\n');
    expect(await script(asking('postgres', 'create table planted ()', 'delete from orders'))).toContain('42');

    await sandbox.reset(null, calm);

    expect(await script(keys('EXISTS planted'))).toBe(':0\n');
    const output = await script(
      asking('postgres', "select to_regclass('planted') is null", 'select count(*) from orders'),
    );
    expect(output).toMatch(/row t\n(?:.*\n)*row 42\n/);
  });
});
