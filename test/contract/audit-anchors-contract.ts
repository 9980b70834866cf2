import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { systemStream } from '../../src/ports/record.ts';
import { verifyRecord } from '../../src/store/audit-verify.ts';
import { auditKey } from '../support/audit-key.ts';
import { type AuditScene, endOf, putBack, run, type Tables } from './audit-house.ts';
import { sampleEvent } from './record-samples.ts';

/** What only anchors show, in the database or kept elsewhere. */
export function describeAnchors(scene: () => AuditScene): void {
  const inB = `where incident_id = 'incident-b' and seq`;

  describe('an older end, captured when it was good and put back', () => {
    it('does not hide entries that an anchor saw', async () => {
      const report = await scene().after(async (db) => {
        await run(`delete from timeline ${inB} > 3`)(db);
        await putBack(db, scene().early);
      });

      expect(report.problems).toMatchObject([{ stream: 'incident-b', seq: 4, fault: 'cut-tail' }]);
    });

    it('hides entries since the newest anchor until that, and no longer', async () => {
      const replay = async (db: Tables) => {
        await run(`delete from timeline ${inB} > 4`)(db);
        await putBack(db, scene().anchored);
      };
      const before = await scene().after(replay);
      const later = (await scene().audit.anchor(0)).anchor;
      const after = await scene().after(replay);

      expect(before.holds).toBe(true);
      expect(later?.number).toBe(2);
      expect(after.problems).toMatchObject([{ stream: 'incident-b', seq: 5, fault: 'cut-tail' }]);
    });
  });

  describe('a whole incident that never was', () => {
    const gone = [
      'executions',
      'approvals',
      'plans',
      'timeline',
      'incidents',
      'timeline_heads',
      'row_seals',
      'audit_anchor_heads',
    ];
    const forget = async (db: Tables) => {
      await run(
        `delete from row_seals where id in (select id from plans union select id from executions union select id from approvals)`,
        `delete from executions`,
        `delete from approvals`,
        `delete from plans`,
        `delete from timeline where incident_id = 'incident-a'`,
        `delete from timeline_heads where stream = 'incident-a'`,
        `delete from incidents where id = 'incident-a'`,
      )(db);
    };

    it('is missed by the anchors that saw it', async () => {
      const report = await scene().after(forget);

      expect(report.problems).toMatchObject([
        { stream: 'incident-a', seq: 1, fault: 'cut-tail' },
        { stream: 'incident-a', fault: 'row' },
      ]);
    });

    it('is missed by the timeline of the system when its anchors go too', async () => {
      const report = await scene().after(async (db) => {
        await forget(db);
        await run(`delete from audit_anchor_heads`, `delete from audit_anchors`)(db);
      });

      expect(report.problems.map(({ fault }) => fault)).toEqual(['anchor', 'anchor']);
    });

    it('is missed by an anchor kept elsewhere when nothing in the database speaks of it any more', async () => {
      const wipe = run(
        ...gone.map((table) => `delete from ${table}`),
        'delete from halts',
        'delete from delegations',
        'delete from audit_anchors',
      );

      expect((await scene().after(wipe)).holds).toBe(true);
      expect(await scene().after(wipe, scene().anchor.digest)).toMatchObject({
        holds: false,
        extendedAnchor: null,
        problems: [{ fault: 'anchor' }],
      });
    });
  });

  it.each([
    ['changed', `update audit_anchors set entries = 1 where number = 1`],
    ['made to list less', `delete from audit_anchor_heads where stream = 'incident-a'`],
    [
      'made to list another end',
      `update audit_anchor_heads set seq = 2 where stream = 'incident-b' and anchor = 1`,
    ],
    ['taken out', `delete from audit_anchors where number = 1`],
    [
      'taken off the end',
      `delete from audit_anchor_heads where anchor = 2`,
      `delete from audit_anchors where number = 2`,
    ],
    [
      'added',
      `insert into audit_anchors select 3, at, streams, entries, digest, repeat('b', 64) from audit_anchors where number = 2`,
    ],
  ])('finds an anchor that was %s', async (_what, ...statements) => {
    const report = await scene().after(run(...statements));

    expect(report.problems).toContainEqual(expect.objectContaining({ fault: 'anchor' }));
  });

  describe('anchors', () => {
    it('are made when something moved, at most one in the time given, and one for callers at once', async () => {
      await scene().audit.anchor(0);
      expect(await scene().audit.anchor(0)).toEqual({ anchor: null, alarms: [] });
      await scene().record.timeline.append('incident-b', sampleEvent());
      expect(await scene().audit.anchor(3_600_000)).toEqual({ anchor: null, alarms: [] });

      const made = await Promise.all([1, 2, 3].map(() => scene().audit.anchor(0)));

      expect(made.filter(({ anchor: one }) => one !== null)).toHaveLength(1);
      const report = await verifyRecord(scene().db, auditKey, scene().anchor.digest);
      expect(report.problems).toEqual([]);
      expect(report.extendedAnchor?.digest).toBe(scene().anchor.digest);
      expect(await scene().record.timeline.ofIncident(systemStream)).toContainEqual(
        expect.objectContaining({
          kind: 'audit.anchored',
          data: { number: 1, digest: scene().anchor.digest },
        }),
      );
    });

    it('raise an alarm over an end that went back, and do not cover it', async () => {
      const whole = await endOf(scene().db, 'incident-b');
      await switchHeadGuard('disable');
      await putBack(scene().db, scene().early);
      await scene().record.timeline.append('incident-a', sampleEvent());

      const { anchor: made, alarms } = await scene().audit.anchor(0);
      await putBack(scene().db, whole);
      await switchHeadGuard('enable');

      expect(made).not.toBeNull();
      expect(alarms).toMatchObject([{ stream: 'incident-b', fault: 'cut-tail' }]);
      expect((await verifyRecord(scene().db, auditKey, null)).holds).toBe(true);
    });

    const switchHeadGuard = (how: 'enable' | 'disable') =>
      sql`alter table timeline_heads ${sql.raw(how)} trigger all`.execute(scene().db);
  });

  it.each([
    `delete from timeline_heads`,
    `truncate timeline_heads`,
    `update timeline_heads set seq = seq - 1`,
    `update timeline_heads set hash = 'x'`,
    `delete from audit_anchors`,
    `update audit_anchor_heads set seq = 1`,
  ])('its tables refuse: %s', async (statement) => {
    await expect(sql.raw(statement).execute(scene().db)).rejects.toThrow(/append-only/);
  });
}
