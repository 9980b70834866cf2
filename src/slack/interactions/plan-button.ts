import type { App } from '@slack/bolt';
import type { PlanButton } from '../../domain/approval.ts';
import { whisper } from '../answers.ts';
import { type planActions, readButtonValue } from '../blocks/plan-buttons.ts';
import { refusalText } from '../refusal-texts.ts';
import type { Desk, Ways } from './desk.ts';

export interface PlanClick {
  readonly button: PlanButton;
  readonly ways: Ways;
  /** Opens one dialog, within three seconds. */
  readonly triggerId: string;
}

/**
 * Listens to one button of the plan card. Slack gets its acknowledgement first; whether the click counts is the flow's
 * compare-and-set, so a second or a late click is safe. A button that is not ours is answered like one of another version.
 */
export function onPlanButton(
  app: App,
  desk: Desk,
  actionId: (typeof planActions)[keyof typeof planActions],
  handle: (click: PlanClick) => Promise<void>,
): void {
  app.action({ action_id: actionId, type: 'block_actions' }, async ({ ack, body, action, respond }) => {
    await ack();
    const ways = { respond, client: desk.client, channel: body.channel?.id, userId: body.user.id };
    const carried = readButtonValue('value' in action ? action.value : undefined);
    if (carried === undefined) {
      desk.log.warn({ userId: body.user.id, actionId }, 'a button carried what no card of ours carries');
      return whisper(ways, { text: refusalText('changed', []) }, desk.log);
    }
    await handle({ button: { ...carried, userId: body.user.id }, ways, triggerId: body.trigger_id });
  });
}
