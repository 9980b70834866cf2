import type { App } from '@slack/bolt';
import { addApprove } from './approve.ts';
import { addAsk } from './ask.ts';
import { addBreakGlass } from './break-glass.ts';
import type { Desk } from './desk.ts';
import { addReject } from './reject.ts';
import { addRenew } from './renew.ts';
import { addStop } from './stop.ts';
import { addUndo } from './undo.ts';

/** Everything that can be clicked on a plan card, and the dialogs behind it. */
export function addPlanButtons(app: App, desk: Desk): void {
  addApprove(app, desk);
  addReject(app, desk);
  addAsk(app, desk);
  addStop(app, desk);
  addUndo(app, desk);
  addRenew(app, desk);
  addBreakGlass(app, desk);
}
