import { breakGlassReasonMin, type Refusal } from '../domain/approval.ts';
import { mention } from './blocks/mrkdwn.ts';

/** What the clicker is told, one text a refusal. Each says what happened and what to do. */
const texts: Record<Refusal, string> = {
  'unknown-plan': 'That plan does not exist any more. Look for a newer card in this channel.',
  changed:
    'This button belongs to another version of the plan, so nothing was done. Use the buttons of the newest card.',
  'not-pending':
    'This plan has moved on already, so your click changed nothing. The card says what became of it.',
  'not-shown':
    'Slack has not yet shown the whole plan to this channel, so nothing was run. Read the card once it is complete, then click again.',
  expired:
    'This plan has expired, so nothing was run. *Check again* makes a new one from the state of things now.',
  halted:
    'Everything is halted, so nothing was run. Once somebody has lifted it with `/warroom lift`, click again.',
  'not-a-member':
    'Only full members of this workspace may decide; guests, bots and people of other workspaces may not.',
  'not-an-approver': 'You may not decide about this, so nothing was changed.',
  'own-plan': 'You asked for this plan or wrote it, so somebody else must approve it.',
  'no-approvers':
    'Nobody may approve this: the catalogue names no approvers for the service, or their group is empty. Add some to `warroom.yaml`.',
  'no-reason': `That needs a reason of at least ${breakGlassReasonMin} characters that tells others why, so nothing was run.`,
  'already-clicked':
    'You have approved this already. Another person must approve too, so nothing was run yet.',
  'directory-unavailable':
    'Slack could not say just now who may decide, so nothing was changed. Click again in a moment.',
};

/** The same in the room's own words, after the person's name on the card. */
export const refusalWord: Record<Refusal, string> = {
  'unknown-plan': 'used an old card',
  changed: 'used the button of another version',
  'not-pending': 'was too late',
  'not-shown': 'clicked before the card was complete',
  expired: 'clicked after it expired',
  halted: 'clicked while everything is halted',
  'not-a-member': 'is not a full member of this workspace',
  'not-an-approver': 'may not decide here',
  'own-plan': 'asked for it, so somebody else must approve',
  'no-approvers': 'clicked, but the catalogue lets nobody approve',
  'no-reason': 'gave no reason',
  'already-clicked': 'has approved already',
  'directory-unavailable': 'could not be checked: Slack did not say who may decide',
};

const namesWhoMay = new Set<Refusal>(['not-an-approver', 'own-plan', 'not-a-member', 'already-clicked']);

/** @param approvers as the catalogue names them: user ids, group ids, handles */
export function refusalText(refusal: Refusal, approvers: readonly string[]): string {
  const named = namesWhoMay.has(refusal) && approvers.length > 0;
  return `⛔ ${texts[refusal]}${named ? ` Who may: ${approvers.map(mention).join(', ')}.` : ''}`;
}
