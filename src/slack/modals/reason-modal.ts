import type { ModalView } from '@slack/types';
import { mrkdwn, plain } from '../blocks/mrkdwn.ts';

export interface ReasonModal {
  readonly callbackId: string;
  readonly title: string;
  readonly submit: string;
  /** mrkdwn, a line each: what will happen, and who reads what is written. */
  readonly intro: readonly string[];
  readonly label: string;
  readonly placeholder: string;
  readonly minLength: number;
}

export const reasonMax = 1000;

/** One text to write before something is done. @param carried what the button carried, and where the card is */
export function reasonModal(modal: ReasonModal, carried: object): ModalView {
  return {
    type: 'modal',
    callback_id: modal.callbackId,
    private_metadata: JSON.stringify(carried),
    title: plain(modal.title, 24),
    submit: plain(modal.submit, 24),
    close: plain('Cancel', 24),
    blocks: [
      { type: 'section', text: mrkdwn(modal.intro.join('\n')) },
      {
        type: 'input',
        block_id: 'reason',
        label: plain(modal.label, 2000),
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          multiline: true,
          min_length: modal.minLength,
          max_length: reasonMax,
          placeholder: plain(modal.placeholder, 150),
        },
      },
    ],
  };
}
