import type { App } from '@slack/bolt';
import { breakGlassReasonMin } from '../../domain/approval.ts';
import { channelName } from '../blocks/mrkdwn.ts';
import { planActions } from '../blocks/plan-buttons.ts';
import type { ReasonModal } from '../modals/reason-modal.ts';
import { notRecorded } from './approve.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';
import { onReason, openReasonDialog } from './reason-dialog.ts';

const fixed = { callbackId: 'break_glass_plan', minLength: breakGlassReasonMin } as const;

export function addBreakGlass(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.breakGlass, (click) =>
    openReasonDialog(desk, click, modalFor(desk), 'nothing was run'),
  );
  onReason(
    app,
    desk,
    fixed,
    `At least ${breakGlassReasonMin} characters: whoever reads this later was not there.`,
    (button, reason, ways) =>
      settle(desk, ways, button.planId, notRecorded, () =>
        desk.actions.decide({ ...button, decision: 'break-glass', reason }),
      ),
  );
}

function modalFor(desk: Desk): ReasonModal {
  const elsewhere = desk.policy.breakGlass?.announceTo;
  const where =
    elsewhere === undefined ? 'in this channel' : `in this channel and in ${channelName(elsewhere)}`;
  return {
    ...fixed,
    title: 'Break the glass',
    submit: 'Run it alone',
    intro: [
      '🚨 *This runs exactly the plan on the card, on your word alone.* It is for when nobody else can be reached and waiting is worse.',
      `Your name and your reason are announced at once ${where}. Everybody there reads them; they stay in the audit log for whoever reviews it.`,
      'Only people with the break-glass role can do this.',
    ],
    label: `Why can nobody else approve, and why now? (at least ${breakGlassReasonMin} characters)`,
    placeholder: 'On-call and owners do not answer since 03:10; checkout is down for everybody',
  };
}
