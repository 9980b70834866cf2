import { sql } from 'kysely';
import { rehash, type Tables } from './audit-house.ts';

const entryColumns: readonly [column: string, value: string][] = [
  ['text', `text || '!'`],
  ['actor', `'user:U' || length(actor)`],
  ['kind', `kind || 'x'`],
  ['at', `at + interval '1 second'`],
  ['data', `jsonb_build_object('was', data)`],
  ['hash', `reverse(hash) || ''`],
  ['previous_hash', `md5(previous_hash) || md5(hash)`],
];

const rowColumns: readonly [table: string, column: string, value: string][] = [
  ['plans', 'state', `state || 'x'`],
  ['plans', 'nonce', `nonce || 'x'`],
  ['plans', 'created_by', `created_by || 'x'`],
  ['plans', 'expires_at', `expires_at + interval '1 second'`],
  ['plans', 'runs_at', `now()`],
  ['approvals', 'user_id', `user_id || '1'`],
  ['approvals', 'reason', `reason || '!'`],
  ['approvals', 'at', `at - interval '1 second'`],
  ['executions', 'approved_by', `approved_by || '1'`],
  ['executions', 'steps', `steps || '[1]'`],
  ['executions', 'after', `'{"at":"2026-01-01T00:00:00.000Z","value":0}'`],
  ['executions', 'started_at', `started_at - interval '1 second'`],
  ['halts', 'reason', `reason || '!'`],
  ['halts', 'lifted_at', `now()`],
  ['delegations', 'until', `until + interval '1 second'`],
  ['timeline_heads', 'seq', `seq + 1`],
  ['timeline_heads', 'seq', `seq - 1`],
  ['timeline_heads', 'hash', `md5(hash) || md5(hash)`],
  ['timeline_heads', 'mac', `md5(mac) || md5(mac)`],
  ['audit_anchors', 'at', `at + interval '1 second'`],
  ['audit_anchors', 'previous', `md5(previous) || md5(previous)`],
  ['audit_anchors', 'streams', `streams + 1`],
  ['audit_anchor_heads', 'hash', `md5(hash) || md5(hash)`],
  ['audit_anchor_heads', 'seq', `seq + 100`],
];

/** One change, chosen by `round`, without the key; says what it was. */
export async function tamperAtRandom(db: Tables, round: number): Promise<string> {
  const random = seeded(round + 1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const entries = await db
    .selectFrom('timeline')
    .select(['incidentId', 'seq'])
    .orderBy('incidentId')
    .orderBy('seq')
    .execute();
  const one = pick(entries);
  const other = pick(entries.filter((entry) => entry.incidentId === one.incidentId && entry.seq !== one.seq));
  const at = (seq: number) => `where incident_id = '${one.incidentId}' and seq = ${seq}`;

  const ways: (() => Promise<string>)[] = [
    async () => {
      const [column, value] = pick(entryColumns);
      return await say(`update timeline set ${column} = ${value} ${at(one.seq)}`);
    },
    () => say(`delete from timeline ${at(one.seq)}`),
    () => say(`delete from timeline where incident_id = '${one.incidentId}' and seq >= ${one.seq}`),
    async () => {
      await say(`update timeline set seq = 100000 ${at(one.seq)}`);
      await say(`update timeline set seq = ${one.seq} ${at(other.seq)}`);
      return await say(`update timeline set seq = ${other.seq} ${at(100_000)}`);
    },
    async () => {
      await say(`delete from timeline ${at(one.seq)}`);
      return await say(`update timeline set seq = ${one.seq} ${at(other.seq)}`);
    },
    () =>
      say(`insert into timeline select incident_id, seq + 100, at, kind, actor, text, data, previous_hash, hash
        from timeline ${at(one.seq)}`),
    async () => {
      const [table, column, value] = pick(rowColumns);
      return await say(
        `update ${table} set ${column} = ${value} where ctid = (select ctid from ${table} offset ${Math.floor(random() * 2)} limit 1)`,
        `update ${table} set ${column} = ${value} where ctid = (select ctid from ${table} limit 1)`,
      );
    },
    () =>
      say(
        `delete from ${pick(['plans', 'approvals', 'executions', 'row_seals', 'audit_anchors', 'timeline_heads'])}`,
      ),
  ];
  const what = await pick(ways)();
  // Half of the attackers take the trouble to make the hashes of the whole timeline agree again.
  if (!what.includes('timeline ') || what.includes('hash = ') || random() < 0.5) return what;
  await rehash(db, one.incidentId);
  return `${what}, hashes made to agree`;

  /** The first statement that changes something. */
  async function say(...statements: string[]): Promise<string> {
    for (const statement of statements) {
      const { numAffectedRows } = await sql.raw(statement).execute(db);
      if ((numAffectedRows ?? 0n) > 0n) return statement;
    }
    throw new Error(`nothing was changed by ${statements.join('; ')}`);
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
