import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { AuditFault } from '../../src/domain/audit-report.ts';
import { hashEntry } from '../../src/domain/timeline.ts';
import { verifyRecord } from '../../src/store/audit-verify.ts';
import { createTimeline } from '../../src/store/timeline.ts';
import { auditKey } from '../support/audit-key.ts';
import { type AuditScene, putBack, rehash, run, type Tables } from './audit-house.ts';
import { sampleEvent } from './record-samples.ts';

/** What somebody who owns the database, but not the secret, may do to a timeline. */
export function describeTimelines(scene: () => AuditScene): void {
  const inB = `where incident_id = 'incident-b' and seq`;
  const swap = [
    `update timeline set seq = 1000 ${inB} = 3`,
    `update timeline set seq = 3 ${inB} = 5`,
    `update timeline set seq = 5 ${inB} = 1000`,
  ];
  const cut = `delete from timeline ${inB} > 5`;

  it.each<[what: string, statements: string[], fault: AuditFault, seq: number]>([
    ['a removed entry', [`delete from timeline ${inB} = 3`], 'missing', 3],
    ['several removed entries', [`delete from timeline ${inB} in (2, 3, 6)`], 'missing', 2],
    ['a removed first entry', [`delete from timeline ${inB} = 1`], 'missing', 1],
    ['an edited text', [`update timeline set text = 'nothing' ${inB} = 3`], 'edited', 3],
    ['an edited kind', [`update timeline set kind = 'note' ${inB} = 7`], 'edited', 7],
    ['an edited actor', [`update timeline set actor = 'user:U9' ${inB} = 2`], 'edited', 2],
    ['edited data', [`update timeline set data = data || '{"zeta":2}' ${inB} = 4`], 'edited', 4],
    ['data no number can hold', [`update timeline set data = '{"zeta":1e999}' ${inB} = 4`], 'edited', 4],
    ['an edited time', [`update timeline set at = at - interval '1 hour' ${inB} = 4`], 'edited', 4],
    [
      'a time edited by less than it shows',
      [`update timeline set at = at + interval '7 us' ${inB} = 4`],
      'edited',
      4,
    ],
    ['no time at all', [`update timeline set at = 'infinity' ${inB} = 4`], 'edited', 4],
    ['an edited hash', [`update timeline set hash = repeat('a', 64) ${inB} = 4`], 'edited', 4],
    ['an edited link', [`update timeline set previous_hash = repeat('0', 64) ${inB} = 4`], 'edited', 4],
    ['two entries that changed places', swap, 'out-of-order', 3],
    ['a cut tail', [cut], 'cut-tail', 6],
    ['a cut last entry', [`delete from timeline ${inB} = 7`], 'cut-tail', 7],
    ['an emptied timeline', [`delete from timeline ${inB} > 0`], 'cut-tail', 1],
    ['a removed end', [`delete from timeline_heads where stream = 'incident-b'`], 'forged-head', 8],
    ['a forged end', [`update timeline_heads set seq = 5 where stream = 'incident-b'`], 'forged-head', 5],
    [
      'a cut tail with the hash of what is left as its end',
      [
        cut,
        `update timeline_heads h set seq = 5, hash = t.hash from timeline t
         where stream = 'incident-b' and incident_id = stream and t.seq = 5`,
      ],
      'forged-head',
      5,
    ],
    [
      'an entry moved to another incident',
      [
        `delete from timeline ${inB} = 3`,
        `update timeline set incident_id = 'incident-b', seq = 3 where incident_id = 'incident-a' and seq = 3`,
      ],
      'edited',
      3,
    ],
  ])('finds %s, and says where', async (_what, statements, fault, seq) => {
    const report = await scene().after(run(...statements));

    expect(report.holds).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ stream: 'incident-b', fault, seq }));
  });

  it('finds a letter that only looks the same', async () => {
    await scene().record.timeline.append(
      'incident-b',
      sampleEvent({ text: 'Cafe\u0301', data: { 'e\u0301': 1 } }),
    );
    expect((await verifyRecord(scene().db, auditKey, null)).holds).toBe(true);

    const report = await scene().after(run(`update timeline set text = normalize(text, nfd) ${inB} = 8`));

    expect(report.problems).toMatchObject([{ stream: 'incident-b', seq: 8, fault: 'edited' }]);
  });

  describe('finds what an owner who makes all hashes agree again has', () => {
    const forge = async (db: Tables) => {
      const last = await db
        .selectFrom('timeline')
        .selectAll()
        .where('incidentId', '=', 'incident-b')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      const entry = { ...last, seq: last.seq + 1, text: 'All fine.', previousHash: last.hash };
      const row = { ...entry, data: JSON.stringify(entry.data), hash: hashEntry(entry) };
      await db.insertInto('timeline').values(row).execute();
    };

    it.each<[string, (db: Tables) => Promise<unknown>, AuditFault, number]>([
      [
        'edited, where an anchor saw it',
        async (db) => {
          await run(`update timeline set text = 'nothing' ${inB} = 3`)(db);
          await rehash(db, 'incident-b');
        },
        'rewritten',
        1,
      ],
      [
        'edited since the anchor',
        async (db) => {
          await run(`update timeline set text = 'nothing' ${inB} = 6`)(db);
          await rehash(db, 'incident-b');
        },
        'rewritten',
        5,
      ],
      [
        'edited, of one entry alone',
        async (db) => {
          await run(`update timeline set text = 'nothing' ${inB} = 5`)(db);
          const row = await db
            .selectFrom('timeline')
            .selectAll()
            .where('incidentId', '=', 'incident-b')
            .where('seq', '=', 5)
            .executeTakeFirstOrThrow();
          await run(`update timeline set hash = '${hashEntry(row)}' ${inB} = 5`)(db);
        },
        'unlinked',
        6,
      ],
      [
        'reordered',
        async (db) => {
          await run(...swap)(db);
          await rehash(db, 'incident-b');
        },
        'rewritten',
        1,
      ],
      [
        'removed, closing the gap',
        async (db) => {
          await run(`delete from timeline ${inB} = 6`)(db);
          await run(`update timeline set seq = seq - 1 ${inB} > 6`)(db);
          await rehash(db, 'incident-b');
        },
        'cut-tail',
        8,
      ],
      ['appended', forge, 'after-the-end', 9],
      [
        'appended, with an end that speaks of it',
        async (db) => {
          await forge(db);
          await run(
            `update timeline_heads h set seq = 9, hash = t.hash from timeline t
             where stream = 'incident-b' and incident_id = stream and t.seq = 9`,
          )(db);
        },
        'forged-head',
        9,
      ],
    ])('%s', async (_what, tamper, fault, seq) => {
      const report = await scene().after(tamper);

      expect(report.problems).toContainEqual(expect.objectContaining({ stream: 'incident-b', fault, seq }));
    });
  });

  describe('what goes on after tampering', () => {
    const goesOn = (tamper: (db: Tables) => Promise<unknown>) =>
      scene().after(async (db) => {
        await tamper(db);
        const now = () => sql<Date>`clock_timestamp()`;
        const timeline = createTimeline({ db, auditKey, now, atomic: (work) => work(db) });
        await timeline.append('incident-b', sampleEvent({ text: 'Goes on.' }));
        await timeline.append('incident-b', sampleEvent({ text: 'Goes on.' }));
      });

    it.each<[string, (db: Tables) => Promise<unknown>]>([
      ['a cut tail', run(cut)],
      ['a removed end', run(`delete from timeline_heads where stream = 'incident-b'`)],
      ['a cut tail and a removed end', run(cut, `delete from timeline_heads where stream = 'incident-b'`)],
      [
        'a cut tail and a forged end',
        run(cut, `update timeline_heads set seq = 5 where stream = 'incident-b'`),
      ],
      ['an emptied timeline', run(`delete from timeline ${inB} > 0`)],
      [
        'an emptied timeline and a forged end',
        run(
          `delete from timeline ${inB} > 0`,
          `update timeline_heads set seq = 0 where stream = 'incident-b'`,
        ),
      ],
      ['an older end put back over a whole timeline', (db) => putBack(db, scene().early)],
    ])('does not cover %s', async (_what, tamper) => {
      const report = await goesOn(tamper);

      expect(report.problems).toContainEqual(expect.objectContaining({ stream: 'incident-b' }));
    });
  });
}
