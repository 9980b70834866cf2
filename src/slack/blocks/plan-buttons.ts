import type { Button } from '@slack/types';
import { z } from 'zod';
import type { PlanBody } from '../../domain/plan.ts';
import type { PlanView } from '../../domain/room.ts';
import { plain } from './mrkdwn.ts';

export const planActions = {
  approve: 'plan_approve',
  reject: 'plan_reject',
  ask: 'plan_ask',
  stop: 'plan_stop',
  undo: 'plan_undo',
  renew: 'plan_renew',
  breakGlass: 'plan_break_glass',
} as const;

/** What a plan's button carries: enough to know that whoever clicks saw exactly this plan. */
export const carriedByButton = z.strictObject({
  planId: z.string().min(1).max(100),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  nonce: z.string().min(1).max(200),
});

export type CarriedByButton = z.infer<typeof carriedByButton>;

/** The button's value back; undefined for anything that one of our buttons would not carry. */
export function readButtonValue(value: unknown): CarriedByButton | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return carriedByButton.parse(JSON.parse(value));
  } catch {
    return undefined;
  }
}

const canBeUndone = new Set<PlanView['state']>(['executing', 'executed', 'verified', 'unverified', 'failed']);

/**
 * The buttons that this plan has now. While everything is halted only what changes nothing is left.
 * @param full the whole change is on the card itself
 */
export function planButtons(view: PlanView, body: PlanBody, full: boolean): Button[] {
  const { planId, digest, nonce, state } = view;
  const value = JSON.stringify({ planId, digest, nonce } satisfies CarriedByButton);
  const button = (actionId: string, text: string, more: Partial<Button> = {}): Button => ({
    type: 'button',
    action_id: actionId,
    text: plain(text, 75),
    value,
    ...more,
  });
  const ask = button(planActions.ask, 'Ask');
  const running = view.halted === null;
  if (state === 'pending') {
    return [
      ...(running ? [button(planActions.approve, 'Approve', approveStyle(view, body, full))] : []),
      button(planActions.reject, 'Reject', { style: 'danger' }),
      ask,
      ...(running && view.breakGlass ? [button(planActions.breakGlass, 'Break glass …')] : []),
    ];
  }
  if (state === 'announced') return [button(planActions.stop, 'Stop', { style: 'danger' }), ask];
  if (running && view.undoable && canBeUndone.has(state)) return [button(planActions.undo, 'Undo …')];
  if (running && view.renewable && (state === 'expired' || state === 'void')) {
    return [button(planActions.renew, 'Check again')];
  }
  return [];
}

function approveStyle(view: PlanView, body: PlanBody, full: boolean): Partial<Button> {
  const summary = body.remedies.map((remedy) => remedy.preview.summary).join(' Then: ');
  const read = full ? '' : ' The full change is the file in this thread.';
  const alone = view.needed <= 1;
  const then = alone
    ? 'Whether it helped is measured afterwards.'
    : 'It runs once enough people have approved.';
  return {
    style: 'primary',
    confirm: {
      title: plain(alone ? 'Run this fix now?' : 'Approve this fix?', 100),
      text: plain(`${plain(summary, 180).text}.${read} ${then}`, 300),
      confirm: plain(alone ? 'Approve and run' : 'Approve', 30),
      deny: plain('Not yet', 30),
    },
  };
}
