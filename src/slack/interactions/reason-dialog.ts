import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { PlanButton } from '../../domain/approval.ts';
import { explainError } from '../../platform/errors.ts';
import { whisper } from '../answers.ts';
import { carriedByButton } from '../blocks/plan-buttons.ts';
import { type ReasonModal, reasonMax, reasonModal } from '../modals/reason-modal.ts';
import { refusalText } from '../refusal-texts.ts';
import type { Desk, Ways } from './desk.ts';
import type { PlanClick } from './plan-button.ts';

const metadata = carriedByButton.extend({ channel: z.string() });

/** @param notDone what did not happen when Slack opens no dialog: `nothing was rejected` */
export async function openReasonDialog(
  desk: Desk,
  { button, ways, triggerId }: PlanClick,
  modal: ReasonModal,
  notDone: string,
): Promise<void> {
  const { planId, digest, nonce } = button;
  try {
    await desk.client.views.open({
      trigger_id: triggerId,
      view: reasonModal(modal, { planId, digest, nonce, channel: ways.channel ?? '' }),
    });
  } catch (error) {
    desk.log.warn({ planId, modal: modal.callbackId, reason: explainError(error) }, 'dialog did not open');
    await whisper(ways, { text: `⚠️ Slack did not open the dialog, so ${notDone}. Click again.` }, desk.log);
  }
}

/** Slack checks the length too; a dialog that was sent past it gets its complaint below the field. */
export function onReason(
  app: App,
  desk: Desk,
  modal: Pick<ReasonModal, 'callbackId' | 'minLength'>,
  complaint: string,
  handle: (button: PlanButton, reason: string, ways: Ways) => Promise<void>,
): void {
  app.view(modal.callbackId, async ({ ack, body, view }) => {
    const reason = (view.state.values['reason']?.['value']?.value ?? '').trim().slice(0, reasonMax);
    if (reason.length < modal.minLength) {
      await ack({ response_action: 'errors', errors: { reason: complaint } });
      return;
    }
    await ack();
    const userId = body.user.id;
    const carried = readMetadata(view.private_metadata);
    if (carried === undefined) {
      const ways = { client: desk.client, channel: undefined, userId };
      return whisper(ways, { text: refusalText('changed', []) }, desk.log);
    }
    const { channel, ...button } = carried;
    await handle({ ...button, userId }, reason, { client: desk.client, channel, userId });
  });
}

function readMetadata(text: string): z.infer<typeof metadata> | undefined {
  try {
    return metadata.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
