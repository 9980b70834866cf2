import type { ModalView, PlainTextOption } from '@slack/types';
import { mrkdwn, plain } from '../blocks/mrkdwn.ts';

export const delegateModalId = 'delegate_approvals';

const hourOptions: PlainTextOption[] = [
  { text: plain('1 hour', 75), value: '1' },
  { text: plain('2 hours', 75), value: '2' },
  { text: plain('4 hours', 75), value: '4' },
  { text: plain('8 hours · a shift', 75), value: '8' },
  { text: plain('24 hours', 75), value: '24' },
];

/** @param origin where the command was typed, to answer there */
export function delegateModal(origin: { channel: string }): ModalView {
  return {
    type: 'modal',
    callback_id: delegateModalId,
    private_metadata: JSON.stringify(origin),
    title: plain('Hand over approvals', 24),
    submit: plain('Hand over', 24),
    close: plain('Cancel', 24),
    blocks: [
      {
        type: 'section',
        text: mrkdwn(
          'For that time this person may approve what you may approve. You and they count as *one* person where two must approve. `/warroom delegate off` takes it back.',
        ),
      },
      {
        type: 'input',
        block_id: 'person',
        label: plain('Who decides in your place?', 2000),
        element: { type: 'users_select', action_id: 'value', placeholder: plain('Choose a person', 150) },
      },
      {
        type: 'input',
        block_id: 'hours',
        label: plain('For how long?', 2000),
        element: {
          type: 'static_select',
          action_id: 'value',
          options: hourOptions,
          initial_option: { text: plain('8 hours · a shift', 75), value: '8' },
        },
      },
      {
        type: 'input',
        block_id: 'reason',
        optional: true,
        label: plain('Why?', 2000),
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          max_length: 500,
          placeholder: plain('On a plane until the evening', 150),
        },
      },
    ],
  };
}
