import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';

export const notRecorded = 'Your click could not be recorded, so nothing was run. Click again in a moment.';

export function addApprove(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.approve, ({ button, ways }) =>
    settle(desk, ways, button.planId, notRecorded, () =>
      desk.actions.decide({ ...button, decision: 'approve' }),
    ),
  );
}
