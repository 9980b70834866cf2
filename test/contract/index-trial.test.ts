import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresImage } from '../../setup/sandbox-image.mjs';
import { createDockerSandboxes } from '../../src/adapters/docker/docker-sandboxes.ts';
import { createIndexTrial } from '../../src/adapters/postgres/index-trial.ts';
import type { PlanNode } from '../../src/ports/database.ts';
import type { IndexOrder } from '../../src/ports/database-admin.ts';
import type { IndexTrial, TrialOutcome } from '../../src/ports/index-trial.ts';
import type { SandboxProvider } from '../../src/ports/sandbox.ts';
import { openPostgresHouse, type PostgresHouse } from './postgres-house.ts';

let house: PostgresHouse;
let trial: IndexTrial;
let sandbox: SandboxProvider;

beforeAll(async () => {
  house = await openPostgresHouse();
  await house.query(`
    create type mood as enum ('calm', 'angry');
    create table customers (id uuid primary key default gen_random_uuid(), email text, mood mood, born date, tags text[],
                            extra jsonb, balance numeric(10, 2), active boolean);
    insert into customers (email, mood, born, tags, extra, balance, active)
      select 'person' || i || '@example.com', (array['calm', 'angry'])[1 + i % 2]::mood, date '1950-01-01' + i % 20000,
             array['a'], '{"k": 1}', i, i % 50 = 0 from generate_series(1, 30000) i;
    create table orders (id bigint, customer uuid, at timestamptz, state text);
    insert into orders select i, c.id, now() - i * interval '1 minute', 'open'
      from (select id, row_number() over () as i from customers) c;
    analyze;
    create view rich as select * from customers where balance > 10000;
    create function never() returns int language sql as 'select 1';`);
  sandbox = createDockerSandboxes({ images: { postgres: postgresImage } });
  trial = createIndexTrial({ secrets: house.secrets, sandbox, limits: { runs: 3 } });
});
afterAll(async () => {
  await sandbox?.close();
  await house?.close();
});

const on = (table: string, ...columns: string[]): IndexOrder => ({
  schema: 'public',
  table,
  columns: columns.map((name) => ({ name, order: 'asc' })),
  name: `warroom_${table}`,
});

async function outcomeOf(order: IndexOrder, statement: string): Promise<TrialOutcome> {
  const answer = await trial.try(house.target, order, statement, AbortSignal.timeout(55_000));
  if (!answer.tried) throw new Error(answer.reason);
  return answer.outcome;
}

async function reasonOf(order: IndexOrder, statement: string, by = trial): Promise<string> {
  const answer = await by.try(house.target, order, statement, AbortSignal.timeout(55_000));
  return answer.tried ? 'it was tried' : answer.reason;
}

function scanOf(plan: PlanNode, table: string): PlanNode | undefined {
  if (plan.table === table) return plan;
  return plan.children.map((child) => scanOf(child, table)).find((found) => found !== undefined);
}

describe('an index on a synthetic replica', () => {
  it('turns a scan of the whole table into a look-up, and both are timed', async () => {
    const { before, after, used, rows, buildMs } = await outcomeOf(
      on('payments', 'user_id', 'created_at'),
      `select * from payments where user_id = $1 and created_at > now() - interval '10 days'
       order by created_at desc limit $2`,
    );

    expect(JSON.stringify(before.plan)).not.toContain('warroom_payments');
    expect(used).toBe(true);
    expect(scanOf(after.plan, 'payments')).toMatchObject({ type: expect.stringMatching(/Index|Bitmap/) });
    expect(before.runs).toBe(3);
    expect(before.ms).toBeGreaterThan(after.ms);
    expect(rows).toEqual({ replica: 20_000, target: 20_000 });
    expect(buildMs).toBeGreaterThan(0);
  });

  it('is not used where the target would not use it either', async () => {
    const { used, after } = await outcomeOf(
      on('payments', 'note'),
      "select * from payments where note like '%y%'",
    );

    expect(used).toBe(false);
    expect(scanOf(after.plan, 'payments')?.type).toBe('Seq Scan');
  });

  it('is tried with every usual type, across tables, with the indexes that are there', async () => {
    const { before, after, used } = await outcomeOf(
      on('orders', 'customer'),
      `select o.* from customers c join orders o on o.customer = c.id
       where c.id = $1::uuid and c.mood = $2 and c.born between $3 and $4 and c.active = any ($5)`,
    );

    expect(scanOf(before.plan, 'orders')?.type).toBe('Seq Scan');
    expect(JSON.stringify(before.plan)).toContain('customers_pkey');
    expect(used).toBe(true);
    expect(after.ms).toBeGreaterThan(0);
  });

  it('has as many rows as are asked for at most, and says how many', async () => {
    const small = createIndexTrial({ secrets: house.secrets, sandbox, limits: { runs: 1, rows: 5_000 } });
    const answer = await small.try(
      house.target,
      on('customers', 'email'),
      'select * from customers where email = $1',
      AbortSignal.timeout(55_000),
    );

    expect(answer).toMatchObject({
      tried: true,
      outcome: { rows: { replica: 5_000, target: 30_000 }, used: true },
    });
  });
});

describe('a trial that cannot be', () => {
  it('says why', async () => {
    const order = on('payments', 'user_id');
    const cases: [string, string][] = [
      ['delete from payments where user_id = $1', 'not a SELECT'],
      ['select never() from payments', 'never'],
      ['select * from payments where user_id + 1 = $1', '$1'],
      ['select * from rich', 'rich is not a table'],
      ['select * from customers', 'does not read public.payments'],
    ];
    for (const [statement, reason] of cases) {
      expect(await reasonOf(order, statement), statement).toContain(reason);
    }
  });

  it('needs statistics on the columns of the index', async () => {
    await house.query('create table fresh (id int, at timestamptz); insert into fresh values (1, now())');

    expect(await reasonOf(on('fresh', 'at'), 'select * from fresh where at > $1')).toContain('no statistics');
  });

  it('needs a sandbox', async () => {
    const absent = createDockerSandboxes({
      images: { postgres: postgresImage },
      hosts: [{ kind: 'unix', name: 'unix:///nowhere/docker.sock', path: '/nowhere/docker.sock' }],
    });
    const other = createDockerSandboxes({ images: { postgres: 'warroom/nobody:none' } });
    const order = on('payments', 'user_id');
    const by = (sandbox: typeof absent) => createIndexTrial({ secrets: house.secrets, sandbox });
    const statement = 'select * from payments where user_id = $1';

    expect(await reasonOf(order, statement, by(absent))).toContain('Docker gives no answer');
    expect(await reasonOf(order, statement, by(other))).toContain('npm run images');
  });
});
