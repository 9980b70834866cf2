import type { RemedyKind } from '../../../src/domain/plan.ts';
import type { Service } from '../../../src/domain/service.ts';
import type { Json } from '../../../src/platform/canonical-json.ts';
import type { Remedy } from '../../../src/ports/remedy.ts';
import { createCreateIndex } from '../../../src/remedies/create-index/create-index.ts';
import { createFlushCache } from '../../../src/remedies/flush-cache/flush-cache.ts';
import { createRemedies } from '../../../src/remedies/registry.ts';
import { createRunRunbook } from '../../../src/remedies/run-runbook/run-runbook.ts';
import type { Tools } from '../../../src/remedies/tools.ts';
import { databaseTools, openPostgresHouse, serviceWith } from '../../../test/contract/postgres-house.ts';
import { aService } from '../../../test/support/builders.ts';
import { startCacheHouse } from '../../../test/support/cache-scene.ts';
import { type AttackClass, pick } from '../attack-class.ts';

type Params = { readonly [key: string]: Json };

/** Previews a wish and, where that says that it is possible, does it: as if everybody had approved. */
async function carryOut(remedy: Remedy, service: Service, params: Params, turn: number): Promise<boolean> {
  const signal = AbortSignal.timeout(30_000);
  const preview = await remedy.preview(service, params, signal);
  if (!preview.possible) return false;
  const context = {
    planId: `plan-${turn}`,
    digest: 'd'.repeat(64),
    key: `key-${remedy.kind}-${turn}`,
    again: false,
    incidentId: 'i1',
    incidentTitle: 'x',
    incidentUrl: null,
    evidence: [],
    approvedBy: null,
  };
  return (await remedy.apply(service, preview.planned, context, signal)).applied;
}

/** Every key of the cache that the catalogue does not hand out must be there afterwards. */
const cachePattern: AttackClass = {
  name: 'cache-pattern-that-reaches-further',
  breaks: 'from-the-catalogue',
  tries: 60,
  async run(run) {
    const house = await startCacheHouse();
    try {
      const remedy = createFlushCache({ caches: house.caches } as Tools);
      const mine = ['session:1', 'session:eu:2', 'cart:7:items'];
      const others = [
        'session',
        'sessions:1',
        'price:1',
        'cart:7:total',
        'cart:items',
        'user:session:1',
        '*',
        '?x',
        'SESSION:1',
        '[s]ession:1',
      ];
      const patterns = [
        '*',
        '**',
        '?*',
        'session*',
        'session?*',
        's*',
        'session:*\n*',
        '[s]ession*',
        'session:[*',
        '{session:,price:}*',
        'session\\:*',
        'session:*|price:*',
        'price:*',
        'cart:*',
        'cart:*:*',
        'cart:?:total',
        'cart:*:items*',
        '*:items',
        'SESSION:*',
        '',
        ' ',
        'session:* price:*',
        'session:\u0000*',
        '*session:*',
        'session:*/../*',
        'session:]*',
        'session:^*',
        '[^x]*',
        'sessions:*',
        'cart:*:[it]*',
        'session:[a-',
      ];
      for (let turn = 0; turn < run.times; turn += 1) {
        run.attempts += 1;
        await house.direct.mset(Object.fromEntries([...mine, ...others].map((key) => [key, 'x'])));
        await carryOut(
          remedy,
          house.service,
          { cache: 'sessions', pattern: pick(patterns, turn) },
          turn,
        ).catch(() => false);
        const left = await house.direct.exists(...others);
        if (left < others.length) run.found();
      }
      if (!run.control) return;
      await run.legit(() =>
        carryOut(remedy, house.service, { cache: 'sessions', pattern: 'session:eu:*' }, run.times),
      );
    } finally {
      await house.stop();
    }
  },
};

/** Whatever names and statements say, nothing but one more index on the named table may come of it. */
const indexNames: AttackClass = {
  name: 'index-names-that-say-more',
  breaks: 'from-the-catalogue',
  tries: 60,
  async run(run) {
    const house = await openPostgresHouse();
    try {
      const remedy = createCreateIndex(databaseTools(house));
      const service = serviceWith(house.target);
      await house.query('create table canary (id int primary key, note text)');
      await house.query(`insert into canary values (1, 'sings')`);
      const evil = [
        'payments; drop table canary; --',
        'payments"; drop table canary; --',
        `payments (id); delete from canary; create index on payments`,
        'canary',
        'pg_catalog.pg_class',
        'information_schema.tables',
        'PAYMENTS',
        'payments\u0000',
        '"payments"',
        `payments' or '1'='1`,
        'user_id) where (select pg_terminate_backend(1)) is null; --',
        'lower(note)',
        'note collate "C"',
        '(select 1)',
        `user_id"), ("note`,
      ];
      const statements = [
        'select 1; drop table canary',
        'delete from canary',
        'with gone as (delete from canary returning *) select * from gone',
        `select * from payments; insert into canary values (2, 'x')`,
        'explain analyze delete from canary',
        `copy canary to program 'touch /tmp/warroom-pwned'`,
        `select pg_read_file('/etc/passwd')`,
        `do $$ begin delete from canary; end $$`,
        `select * into canary2 from canary`,
        `select nextval('payments_id_seq')`,
      ];
      for (let turn = 0; turn < run.times; turn += 1) {
        run.attempts += 1;
        const word = pick(evil, turn);
        const wishes: Params[] = [
          { database: 'payments', table: word, columns: ['user_id'] },
          { database: 'payments', table: 'payments', columns: [word] },
          { database: 'payments', schema: word, table: 'payments', columns: ['user_id'] },
          { database: 'payments', table: 'payments', columns: [{ name: word, order: 'desc' }] },
          {
            database: 'payments',
            table: 'payments',
            columns: ['user_id'],
            statement: pick(statements, turn),
          },
        ];
        const tablesBefore = await tablesOf(house);
        const indexesBefore = await house.indexes();
        await carryOut(remedy, service, wishes[turn % 5] ?? {}, turn).catch(() => false);
        const added = (await house.indexes()).filter((one) => !indexesBefore.includes(one));
        const alien = added.filter(
          (one) => !/^CREATE INDEX \w+ ON public\.payments USING btree \([a-z_, A-Z]+\)$/.test(one),
        );
        if (alien.length > 0 || added.length > 1 || (await tablesOf(house)) !== tablesBefore) run.found();
        for (const one of added) await house.query(`drop index ${/INDEX (\w+)/.exec(one)?.[1] ?? ''}`);
      }
      if (!run.control) return;
      const fine = { database: 'payments', table: 'payments', columns: ['user_id', 'created_at'] };
      await run.legit(() => carryOut(remedy, service, fine, run.times));
    } finally {
      await house.close();
    }
  },
};

async function tablesOf(house: Awaited<ReturnType<typeof openPostgresHouse>>): Promise<string> {
  const rows = await house.query(
    `select string_agg(relname, ',' order by relname) as names, (select count(*) from canary) as sings, (select count(*) from payments) as paid
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  return JSON.stringify(rows);
}

/** A value stays inside its one argument and inside what operators allowed; the program is theirs. */
const runbookArguments: AttackClass = {
  name: 'runbook-arguments-that-say-more',
  breaks: 'from-the-catalogue',
  tries: 120,
  async run(run) {
    const ran: (readonly string[])[] = [];
    const commands: Tools['commands'] = {
      async run({ argv }) {
        ran.push(argv);
        return { exitCode: 0, reason: 'exit', output: '', durationMs: 1 };
      },
    };
    const remedy = createRunRunbook({ commands } as Tools);
    const service = aService({
      name: 'orders',
      runbooks: [
        {
          name: 'drain',
          description: '',
          argv: ['/usr/local/bin/drain', '--queue', '{queue}', '--shards={shards}', '{mode}', 'fixed'],
          parameters: {
            queue: { type: 'text', pattern: '[a-z0-9-]{1,20}', maxLength: 20 },
            shards: { type: 'integer', min: 1, max: 8 },
            mode: { type: 'choice', values: ['slow', 'fast'] },
          },
          where: 'local',
          timeoutSeconds: 5,
          inverse: null,
          risk: 'medium',
        },
      ],
    });
    const good = { queue: 'mails', shards: 2, mode: 'slow' };
    const hostile: readonly Json[] = [
      '',
      ' ',
      'a b',
      'a;rm -rf /',
      '$(id)',
      '`id`',
      'a\nb',
      'a\u0000b',
      '--force',
      '-rf',
      '../../etc',
      '{mode}',
      '{queue}',
      'a|b',
      'A'.repeat(21),
      'ä',
      'a\u200b',
      '\u0430',
      0,
      9,
      -1,
      1.5,
      '1e1',
      '0x2',
      '2; id',
      '٢',
      'fast slow',
      'FAST',
      null,
      true,
      ['mails'],
      { a: 1 },
      'toString',
      '__proto__',
    ];
    for (let turn = 0; turn < run.times; turn += 1) {
      run.attempts += 1;
      const name = pick(
        ['queue', 'shards', 'mode', 'extra', '__proto__'],
        Math.floor(turn / hostile.length) + turn,
      );
      const given = JSON.parse(JSON.stringify({ ...good, [name]: pick(hostile, turn) })) as Json;
      const runbook = turn % 17 === 0 ? pick(['drain; id', '../drain', 'DRAIN', '__proto__'], turn) : 'drain';
      const before = ran.length;
      await carryOut(remedy, service, { runbook, arguments: given }, turn).catch(() => false);
      for (const argv of ran.slice(before)) if (!isAllowed(argv)) run.found();
    }
    if (!run.control) return;
    await run.legit(() => carryOut(remedy, service, { runbook: 'drain', arguments: good }, run.times));
  },
};

/** Read off the catalogue's words above, letter by letter. */
function isAllowed(argv: readonly string[]): boolean {
  const [program, flag, queue = '', shards = '', mode = '', fixed, ...more] = argv;
  const letters = /^[abcdefghijklmnopqrstuvwxyz0123456789-]{1,20}$/.test(queue);
  return (
    program === '/usr/local/bin/drain' &&
    flag === '--queue' &&
    letters &&
    queue.length >= 1 &&
    queue.length <= 20 &&
    !queue.startsWith('-') &&
    ['1', '2', '3', '4', '5', '6', '7', '8'].includes(shards.replace('--shards=', '')) &&
    shards.startsWith('--shards=') &&
    ['slow', 'fast'].includes(mode) &&
    fixed === 'fixed' &&
    more.length === 0
  );
}

/** What is not in the catalogue is refused before anything outside is asked for it. */
const strangers: AttackClass = {
  name: 'target-that-the-catalogue-does-not-name',
  breaks: 'from-the-catalogue',
  tries: 90,
  async run(run) {
    let touched = 0;
    const tools = new Proxy({} as Tools, {
      get: () =>
        new Proxy(() => undefined, {
          get: () => () => {
            touched += 1;
            return Promise.reject(new Error('nothing outside may be asked'));
          },
        }),
    });
    const remedies = createRemedies(tools);
    const service = aService({
      name: 'ledger',
      databases: [],
      caches: [],
      workloads: [],
      sandbox: { sideCars: [], database: null, environment: {} },
      runbooks: [],
      configuration: [],
    });
    const wishes: readonly [RemedyKind, Params][] = [
      ['flush-cache', { cache: 'sessions', pattern: 'session:*' }],
      ['warm-cache', { cache: 'sessions', pattern: 'session:*' }],
      ['create-index', { database: 'payments', table: 'payments', columns: ['user_id'] }],
      ['drop-index', { database: 'payments', index: 'payments_user_id' }],
      ['restart-service', { workload: 'ledger' }],
      ['run-runbook', { runbook: 'drain', arguments: {} }],
      ['config-rollback', { file: 'config/session.json', to: 'a'.repeat(40) }],
      ['config-rollback', { file: '../../etc/passwd', to: 'a'.repeat(40) }],
      ['config-rollback', { file: '/etc/passwd', to: '--upload-pack=id' }],
    ];
    for (let turn = 0; turn < run.times; turn += 1) {
      run.attempts += 1;
      const [kind, params] = pick(wishes, turn);
      const disguise = pick<Params>(
        [{}, { service: 'payments' }, { url: 'redis://10.0.0.1' }, { container: 'postgres' }],
        turn >> 3,
      );
      const before = touched;
      const done = await carryOut(remedies[kind], service, { ...params, ...disguise }, turn).catch(
        () => false,
      );
      if (done || touched > before) run.found();
    }
  },
};

export const catalogue: readonly AttackClass[] = [cachePattern, indexNames, runbookArguments, strangers];
