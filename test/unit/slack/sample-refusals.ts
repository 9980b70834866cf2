import type { Refusal } from '../../../src/domain/approval.ts';

/** Every reason for which a click does not count. */
export const refusals = Object.keys({
  'unknown-plan': 1,
  changed: 1,
  'not-pending': 1,
  'not-shown': 1,
  expired: 1,
  halted: 1,
  'not-a-member': 1,
  'not-an-approver': 1,
  'own-plan': 1,
  'no-approvers': 1,
  'no-reason': 1,
  'already-clicked': 1,
  'directory-unavailable': 1,
} satisfies Record<Refusal, 1>) as Refusal[];
