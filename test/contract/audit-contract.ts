import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedColumns } from '../../src/store/audit-seals.ts';
import { verifyRecord } from '../../src/store/audit-verify.ts';
import { auditKey } from '../support/audit-key.ts';
import { describeAnchors } from './audit-anchors-contract.ts';
import { describeTimelines } from './audit-chain-contract.ts';
import { type AuditScene, openAuditScene, run, tellFix } from './audit-house.ts';
import { tamperAtRandom } from './audit-tampering.ts';

/** What the audit finds when somebody who owns the database, but not the secret, changes it. */
export function auditContract(
  driver: string,
  databaseUrl: () => Promise<string | null>,
  randomRounds: number,
): void {
  describe(`the audit on ${driver}`, () => {
    let scene: AuditScene;

    beforeAll(async () => {
      scene = await openAuditScene(await databaseUrl());
    });
    afterAll(() => scene.close());

    it('holds for a record that nobody touched, and counts what it read', async () => {
      const report = await verifyRecord(scene.db, auditKey, scene.anchor.digest);

      expect(report.problems).toEqual([]);
      expect(report).toMatchObject({
        holds: true,
        checked: {
          streams: 3,
          entries: 19,
          anchors: 1,
          plans: 1,
          approvals: 1,
          executions: 1,
          halts: 2,
          delegations: 1,
        },
        extendedAnchor: { number: 1, streams: 3, entries: 15 },
      });
    });

    describeTimelines(() => scene);
    describeAnchors(() => scene);

    it.each([
      ['a plan brought back', `update plans set state = 'pending'`],
      ['a plan that lasts longer', `update plans set expires_at = expires_at + interval '1 day'`],
      ['a plan of another author', `update plans set created_by = 'user:U1'`],
      [
        'a plan with another text',
        `alter table plans drop constraint plans_check; update plans set canonical = '{}'`,
      ],
      [
        'a plan with another text and its digest',
        `update plans set canonical = '{}', digest = encode(sha256('{}'), 'hex')`,
      ],
      ['a removed plan', `delete from plans`],
      [
        'a plan put there',
        `insert into plans select 'forged', incident_id, canonical, digest, nonce, state, created_by, created_at, expires_at, runs_at from plans`,
      ],
      ['an approval of somebody else', `update approvals set user_id = 'U9'`],
      ['an approval in nobody’s name', `update approvals set in_name_of = null`],
      ['an approval at another time', `update approvals set at = at + interval '1 minute'`],
      ['a rejection turned into an approval', `update approvals set decision = 'reject'`],
      ['a removed approval', `delete from approvals`],
      [
        'a removed approval with its seal',
        `delete from row_seals where relation = 'approvals'; delete from approvals`,
      ],
      [
        'an approval put there',
        `insert into approvals (id, plan_id, digest, user_id, decision, at) select 'forged', plan_id, digest, 'U9', decision, at from approvals`,
      ],
      [
        'an approval of no plan',
        `insert into approvals (id, plan_id, digest, user_id, decision, at) select 'forged', 'none', digest, 'U9', decision, at from approvals`,
      ],
      ['an execution that went otherwise', `update executions set state = 'rolled-back'`],
      ['an execution with another undo', `update executions set steps = '[]'`],
      ['a removed execution', `delete from executions`],
      [
        'a removed execution with its seal',
        `delete from row_seals where relation = 'executions'; delete from executions`,
      ],
      [
        'a halt that nobody lifted',
        `update halts set lifted_at = now(), lifted_by = 'U3', lift_reason = 'x' where lifted_at is null`,
      ],
      [
        'a removed halt with its seal',
        `delete from row_seals where id = 'halt-2'; delete from halts where id = 'halt-2'`,
      ],
      ['a delegation that lasts longer', `update delegations set until = 'infinity'`],
      ['a removed incident', `delete from incidents where id = 'incident-b'`],
      ['a removed seal', `delete from row_seals where relation = 'plans'`],
    ])('finds %s', async (_what, statement) => {
      const report = await scene.after(run(...statement.split('; ')));

      expect(report.problems).toContainEqual(expect.objectContaining({ fault: 'row' }));
    });

    it('does not cover a row that somebody changed', async () => {
      const { execution } = await tellFix(scene.record, 'incident-b');
      await sql`update executions set approved_by = 'U9' where id = ${execution.id}`.execute(scene.db);
      await scene.record.executions.update(execution.id, { error: 'none' });

      const report = await verifyRecord(scene.db, auditKey, null);
      await sql`update executions set approved_by = 'U1', error = null where id = ${execution.id}`.execute(
        scene.db,
      );

      expect(report.problems).toMatchObject([{ fault: 'row', text: expect.stringContaining(execution.id) }]);
      expect((await verifyRecord(scene.db, auditKey, null)).holds).toBe(true);
    });
    it('finds every random change', async () => {
      const missed: string[] = [];
      for (let round = 0; round < randomRounds; round += 1) {
        let what = '';
        const report = await scene.after(async (db) => {
          what = await tamperAtRandom(db, round);
        });
        if (report.holds) missed.push(`${round}: ${what}`);
      }

      expect(missed).toEqual([]);
    });

    it('covers every column of the rows that it seals', async () => {
      const { rows } = await sql<{ tableName: string; columnName: string }>`
        select table_name, column_name from information_schema.columns
        where table_schema = 'public' and table_name in (${sql.join(Object.keys(sealedColumns))})
          and (table_name, column_name) <> ('plans', 'canonical')`.execute(scene.db);
      const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const sealed = Object.entries(sealedColumns).flatMap(([table, columns]) =>
        columns.map((column) => `${table}.${snake(column)}`),
      );

      expect(rows.map((row) => `${row.tableName}.${row.columnName}`).sort()).toEqual(sealed.sort());
    });
  });
}
