import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 16 lower-case characters: 8 of time (ms, sortable), 8 of chance. Safe in channel names, job ids and URLs. */
export function newId(nowMs: number = Date.now()): string {
  let time = '';
  for (let i = 0, rest = nowMs; i < 8; i += 1) {
    time = alphabet.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  for (const byte of randomBytes(8)) chance += alphabet.charAt(byte % 32);
  return time + chance;
}
