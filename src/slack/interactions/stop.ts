import type { App } from '@slack/bolt';
import { planActions } from '../blocks/plan-buttons.ts';
import { type Desk, settle } from './desk.ts';
import { onPlanButton } from './plan-button.ts';

/** No dialog and no second question: whoever wants to stop something must not be slowed down. */
export function addStop(app: App, desk: Desk): void {
  onPlanButton(app, desk, planActions.stop, ({ button, ways }) =>
    settle(
      desk,
      ways,
      button.planId,
      'It could not be stopped: *it may still run by itself.* Click again, or type `/warroom halt`.',
      () => desk.actions.stop(button),
    ),
  );
}
