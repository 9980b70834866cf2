import { expect, it } from 'vitest';
import { collectState, missingInputs } from '../../../demo/local-slack/view-state.ts';

const blocks = [
  {
    type: 'input',
    block_id: 'title',
    element: { type: 'plain_text_input', action_id: 'v', initial_value: 'start' },
  },
  { type: 'input', block_id: 'severity', element: { type: 'static_select', action_id: 'v' } },
  { type: 'input', block_id: 'note', optional: true, element: { type: 'plain_text_input', action_id: 'v' } },
  {
    type: 'section',
    block_id: 'lead',
    accessory: { type: 'users_select', action_id: 'v', initial_user: 'U1' },
  },
  { type: 'actions', block_id: 'go', elements: [{ type: 'button', action_id: 'v' }] },
];

it('starts from initial values and takes what was entered', () => {
  const state = collectState(blocks, { title: { v: { type: 'plain_text_input', value: 'typed' } } });

  expect(state).toEqual({
    title: { v: { type: 'plain_text_input', value: 'typed' } },
    severity: { v: { type: 'static_select', selected_option: null } },
    note: { v: { type: 'plain_text_input', value: null } },
    lead: { v: { type: 'users_select', selected_user: 'U1' } },
  });
});

it('names required inputs that are empty', () => {
  expect(Object.keys(missingInputs(blocks, collectState(blocks, {})))).toEqual(['severity']);
});

it('minds how short and how long a text may be', () => {
  const element = { type: 'plain_text_input', action_id: 'v', min_length: 5, max_length: 8 };
  const complaint = (value: string): object =>
    missingInputs([{ type: 'input', block_id: 'why', element }], {
      why: { v: { type: element.type, value } },
    });

  expect(complaint('four')).toEqual({ why: 'Please enter at least 5 characters.' });
  expect(complaint('enough')).toEqual({});
  expect(complaint('too many of them')).toEqual({ why: 'Please enter at most 8 characters.' });
});
