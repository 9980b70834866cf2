import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import type { ReasonModal } from '../modals/reason-modal.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';
import { onReason, openReasonDialog } from './reason-dialog.ts';

const modal: ReasonModal = {
  callbackId: 'ask_plan',
  title: 'Ask about this fix',
  submit: 'Ask',
  intro: ['The service’s agent answers in the card’s thread, from what it has seen. Asking decides nothing.'],
  label: 'What do you want to know?',
  placeholder: 'Does anything else read this setting?',
  minLength: 3,
};

export function addAsk(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.ask, (click) =>
    openReasonDialog(desk, click, modal, 'nothing was asked'),
  );
  onReason(app, desk, modal, 'Ask something in a few words.', (button, text, ways) =>
    settle(
      desk,
      ways,
      button.planId,
      'Your question could not be put to the agent. Ask again in a moment.',
      () => desk.actions.ask({ ...button, text }),
    ),
  );
}
