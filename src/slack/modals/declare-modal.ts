import type { ModalView, PlainTextOption } from '@slack/types';
import type { Service } from '../../domain/service.ts';
import { plain } from '../blocks/mrkdwn.ts';

export const declareModalId = 'declare_incident';

const optionsMax = 100;

const severityOptions: PlainTextOption[] = [
  { text: plain('SEV1 · everybody is affected', 75), value: 'sev1' },
  { text: plain('SEV2 · many are affected', 75), value: 'sev2' },
  { text: plain('SEV3 · some are affected', 75), value: 'sev3' },
  { text: plain('SEV4 · nobody has noticed yet', 75), value: 'sev4' },
];

/** @param origin where the command was typed, to answer there */
export function declareModal(services: readonly Service[], origin: { channel: string }): ModalView {
  const options = services.slice(0, optionsMax).map((service) => ({
    text: plain(service.name, 75),
    value: service.name.slice(0, 150),
  }));
  const left = services.length - options.length;
  return {
    type: 'modal',
    callback_id: declareModalId,
    private_metadata: JSON.stringify(origin),
    title: plain('Declare an incident', 24),
    submit: plain('Declare', 24),
    close: plain('Cancel', 24),
    blocks: [
      {
        type: 'input',
        block_id: 'title',
        label: plain('What is wrong?', 2000),
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          max_length: 200,
          placeholder: plain('Nobody can log in', 150),
        },
      },
      {
        type: 'input',
        block_id: 'severity',
        label: plain('How bad is it?', 2000),
        element: {
          type: 'static_select',
          action_id: 'value',
          options: severityOptions,
          initial_option: { text: plain('SEV2 · many are affected', 75), value: 'sev2' },
        },
      },
      ...(options.length === 0
        ? []
        : [
            {
              type: 'input' as const,
              block_id: 'services',
              optional: true,
              label: plain('Which services show it?', 2000),
              hint: plain(
                left > 0
                  ? `The first ${optionsMax} are listed; name others in the title.`
                  : 'Leave empty when you do not know: Warroom looks at all of them.',
                2000,
              ),
              element: { type: 'multi_static_select' as const, action_id: 'value', options },
            },
          ]),
    ],
  };
}
