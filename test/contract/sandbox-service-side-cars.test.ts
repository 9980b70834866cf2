import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplicaSeeds } from '../../src/adapters/postgres/replica-seeds.ts';
import { tryChange } from '../../src/agents/patch/try-change.ts';
import type { Service } from '../../src/domain/service.ts';
import { type AgentSandbox, openAgentSandbox } from '../support/agent-sandbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { openDockerHouse } from '../support/docker-house.ts';
import type { SandboxHouse } from './sandbox-contract.ts';

/** A client as small as the protocol allows: what a service of node would bring with it. */
const client = `
import { connect } from 'node:net';
export function query(url, text) {
  const { hostname, port, username, pathname } = new URL(url);
  const words = Buffer.from(['user', username, 'database', pathname.slice(1), '', ''].join('\\0'));
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + words.length);
  head.writeInt32BE(196608, 4);
  const body = Buffer.from(text + '\\0');
  const ask = Buffer.alloc(5);
  ask[0] = 81;
  ask.writeInt32BE(4 + body.length, 1);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let seen = Buffer.alloc(0);
    let ready = 0;
    socket.on('error', reject);
    socket.write(Buffer.concat([head, words, ask, body]));
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      const rows = [];
      let at = 0;
      ready = 0;
      while (at + 5 <= seen.length && at + 1 + seen.readInt32BE(at + 1) <= seen.length) {
        const kind = String.fromCharCode(seen[at]);
        if (kind === 'E') return reject(new Error(seen.subarray(at).toString('latin1')));
        if (kind === 'D') rows.push(seen.subarray(at + 11, at + 1 + seen.readInt32BE(at + 1)).toString());
        if (kind === 'Z') ready += 1;
        at += 1 + seen.readInt32BE(at + 1);
      }
      if (ready === 2) { socket.end(); resolve(rows); }
    });
  });
}
`;
const tests = `
import assert from 'node:assert';
import { connect } from 'node:net';
import { test } from 'node:test';
import { query } from './client.js';
import { least } from './least.js';
const url = process.env.DATABASE_URL;
test('orders are in the database', async () => {
  const [count] = await query(url, 'select count(*) from orders');
  assert.ok(Number(count) >= least);
  await query(url, "insert into orders (customer, state) select id, 'paid' from customers limit 1");
  assert.deepEqual(await query(url, "select count(*) from orders where state = 'paid' and note is null"), ['1']);
});
test('carts are in the cache', async () => {
  const { hostname, port } = new URL(process.env.REDIS_URL);
  const answer = await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).on('error', reject).on('data', (data) => { socket.end(); resolve(String(data)); });
    socket.write('SET cart 1\\r\\n');
  });
  assert.equal(answer, '+OK\\r\\n');
});
`;
const files = { 'package.json': '{"type":"module"}', 'client.js': client, 'shop.test.js': tests };
const commits = [
  { subject: 'First', files: { ...files, 'least.js': 'export const least = 1e9;\n' }, minutesAgo: 60 },
  { subject: 'Second', files: { 'least.js': 'export const least = 50;\n' }, minutesAgo: 5 },
];
const testCommand = ['node', '--test', '--test-reporter=tap', 'shop.test.js'];

const service: Partial<Service> = {
  sandbox: {
    sideCars: ['postgres', 'redis'],
    database: 'orders',
    environment: {
      DATABASE_URL: 'postgres://postgres@127.0.0.1:5432/postgres',
      REDIS_URL: 'redis://127.0.0.1:6379',
    },
  },
  databases: [{ name: 'orders', url: { env: 'ORDERS_URL' }, schemas: ['public'], logs: null }],
};

let house: SandboxHouse;
let origin: TestDatabase;
let agent: AgentSandbox;
const lacks: string[] = [];
const tell = async (lack: string): Promise<void> => void lacks.push(lack);

beforeAll(async () => {
  origin = await createTestDatabase();
  const db = new Client({ connectionString: origin.url });
  await db.connect();
  await db.query(`
    create table customers (id serial primary key, email text unique);
    create table orders (id serial primary key, customer int not null references customers, state text not null, note text);
    insert into customers (email) select 'ada' || i || '@victim.example' from generate_series(1, 300) i;
    insert into orders (customer, state, note) select 1 + i % 300, 'open', 'call me' from generate_series(1, 900) i;
    analyze;`);
  await db.end();
  house = openDockerHouse();
  const seeds = createReplicaSeeds({ secrets: { read: async () => origin.url } });
  agent = openAgentSandbox(house.provider, commits, testCommand, { service, seeds, tell });
});
afterAll(async () => {
  await agent?.close();
  const left = await house?.leftovers();
  await house?.close();
  await origin?.drop();
  expect(left?.filter((name) => name.includes('side'))).toEqual([]);
});

describe('a service whose tests need a database and a cache', () => {
  it('passes its tests beside both, on rows that are made up', async () => {
    const seen = await agent.use('run_tests', {});

    expect(seen.summary).toContain('2 of 2');
    expect(seen.kind).toBe('check');
    expect(lacks).toEqual([]);
    const asked = await agent.use('run_command', {
      argv: [
        'node',
        '-e',
        `import('/work/client.js').then(async ({ query }) => {
          console.log(await query(process.env.DATABASE_URL, "select string_agg(email, ',') from customers"));
        })`,
      ],
    });
    expect(JSON.stringify(asked.data)).toContain('127.0.0.1:5432');
    expect(JSON.stringify(asked.data)).toMatch(/v\d+,v\d+/);
    expect(JSON.stringify(asked.data)).not.toContain('victim');
  });

  it('has no way out all the same', async () => {
    const { data } = await agent.use('run_command', {
      argv: [
        'node',
        '-e',
        `for (const address of ['169.254.169.254', '192.0.2.1', '10.0.0.1'])
          require('net').connect(80, address).on('connect', () => console.log('out')).on('error', (e) => console.log(e.code));
        require('dns').lookup('example.com', (e) => console.log(e.code));
        console.log(Object.keys(require('os').networkInterfaces()).join());`,
      ],
    });

    const { output } = data as { output: string };
    expect(output.match(/ENETUNREACH/g)).toHaveLength(3);
    expect(output).toContain('EAI_AGAIN');
    expect(output.split('\n')).toContain('lo');
  });

  it('has its patch tried there, before and after', async () => {
    const [before = '', after = ''] = agent.shas;
    const seeds = createReplicaSeeds({ secrets: { read: async () => origin.url } });
    const trying = { source: agent.source, sandbox: house.provider, seeds };

    const trial = await tryChange(
      trying,
      agent.service,
      { before, after },
      testCommand,
      AbortSignal.timeout(50_000),
    );

    expect(trial).toMatchObject({ passes: true, unproven: null });
  });
});
