import type { Refusal } from '../domain/approval.ts';
import { mention } from './blocks/mrkdwn.ts';

/** What the clicker is told, one text a refusal. Each says what happened and what to do. */
const texts: Record<Refusal, string> = {
  'unknown-plan': 'That plan does not exist any more. Look for a newer card in this channel.',
  changed:
    'This button belongs to another version of the plan, so nothing was run. Use the buttons of the newest card.',
  'not-pending': 'This plan was decided already, so your click changed nothing. The card says by whom.',
  expired: 'This plan has expired, so nothing was run. A new one must be made from the state of things now.',
  'not-a-member':
    'Only full members of this workspace may decide; guests, bots and people of other workspaces may not.',
  'not-an-approver': 'You may not decide about this service, so nothing was run.',
  'own-plan': 'You asked for this plan or wrote it, so somebody else must approve it.',
  'no-approvers':
    'Nobody may approve this: the catalogue names no approvers for the service, or their group is empty. Add some to `warroom.yaml`.',
  'already-clicked':
    'You have approved this already. High risk needs a second person, so nothing was run yet.',
  'directory-unavailable':
    'Slack could not say just now who may approve, so nothing was run. Click again in a moment.',
};

const namesWhoMay = new Set<Refusal>(['not-an-approver', 'own-plan', 'not-a-member', 'already-clicked']);

/** @param approvers as the catalogue names them: user ids, group ids, handles */
export function refusalText(refusal: Refusal, approvers: readonly string[]): string {
  const named = namesWhoMay.has(refusal) && approvers.length > 0;
  return `⛔ ${texts[refusal]}${named ? ` Who may: ${approvers.map(mention).join(', ')}.` : ''}`;
}
