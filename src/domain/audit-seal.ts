import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { canonicalJson, type Json } from '../platform/canonical-json.ts';

/** Seals what the database holds and is itself never in it. A key object does not show itself in logs. */
export type AuditKey = KeyObject;

/** @param secret WARROOM_SECRET; links are signed with it too, so the seals get a key of their own */
export function auditKeyOf(secret: string): AuditKey {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'warroom audit 1', 32)));
}

/** The end of a stream: the newest entry of an incident's timeline, or of the system's. */
export interface StreamHead {
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
}

/** Lower-case hex; made for this end of this stream only, so that no entry's hash can stand for the stream's end. */
export function sealHead(key: AuditKey, head: StreamHead): string {
  return seal(key, ['head', head.stream, head.seq, head.hash]);
}

/** @param columns of one row, in any order */
export function sealRow(
  key: AuditKey,
  relation: string,
  columns: { readonly [column: string]: Json },
): string {
  return seal(key, ['row', relation, columns]);
}

/** The same for every process with the same secret: says which key a record was sealed with, without telling it. */
export function markKey(key: AuditKey): string {
  return seal(key, ['key']);
}

export function sameSeal(expected: string, given: string): boolean {
  const [one, two] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === two.length && timingSafeEqual(one, two);
}

function seal(key: AuditKey, content: Json): string {
  return createHmac('sha256', key).update(canonicalJson(content), 'utf8').digest('hex');
}
