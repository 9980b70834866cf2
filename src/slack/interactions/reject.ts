import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import type { ReasonModal } from '../modals/reason-modal.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';
import { onReason, openReasonDialog } from './reason-dialog.ts';

const modal: ReasonModal = {
  callbackId: 'reject_plan',
  title: 'Reject this fix',
  submit: 'Reject',
  intro: [
    'Nothing will be changed. Your reason goes on the card and into the timeline, and it is shown beside the same fix the next time.',
  ],
  label: 'Why not?',
  placeholder: 'It would also take back the change to …',
  minLength: 3,
};

export function addReject(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.reject, (click) =>
    openReasonDialog(desk, click, modal, 'nothing was rejected'),
  );
  onReason(app, desk, modal, 'Say why in a few words: others will read it.', (button, reason, ways) =>
    settle(
      desk,
      ways,
      button.planId,
      'Your rejection could not be recorded: the plan may still wait. Nothing was run by your click; click again in a moment.',
      () => desk.actions.decide({ ...button, decision: 'reject', reason }),
    ),
  );
}
