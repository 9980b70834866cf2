import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';

export function addRenew(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.renew, ({ button, ways }) =>
    settle(desk, ways, button.planId, 'No new plan could be made. Click again in a moment.', () =>
      desk.actions.renew(button),
    ),
  );
}
