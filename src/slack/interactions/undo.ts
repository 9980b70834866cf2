import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import type { ReasonModal } from '../modals/reason-modal.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';
import { onReason, openReasonDialog } from './reason-dialog.ts';

const modal: ReasonModal = {
  callbackId: 'undo_plan',
  title: 'Undo this fix',
  submit: 'Undo',
  intro: [
    'What the plan did is taken back, last step first, by the inverse that was stored before it ran. Who may approve it may undo it.',
    'Your name and your reason go on the card and into the timeline.',
  ],
  label: 'Why?',
  placeholder: 'Errors moved to another endpoint',
  minLength: 3,
};

export function addUndo(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.undo, (click) =>
    openReasonDialog(desk, click, modal, 'nothing was undone'),
  );
  onReason(app, desk, modal, 'Say why in a few words: others will read it.', (button, reason, ways) =>
    settle(
      desk,
      ways,
      button.planId,
      'Your click could not be recorded, so nothing was undone by it. Look at the card and click again.',
      () => desk.actions.undo({ ...button, reason }),
    ),
  );
}
