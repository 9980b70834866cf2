import { h, link } from './dom.js';
import { textObject } from './mrkdwn.js';
import { confirmFirst, openMenu } from './popups.js';
import { state } from './store.js';

/** Element node → a function that gives its value as in Slack's `state.values`. */
const readers = new WeakMap();

/** Values of all inputs below `root`, by block and action id. */
export function readState(root) {
  const values = {};
  for (const node of root.querySelectorAll('[data-stateful]')) {
    const { blockId, actionId } = node.dataset;
    values[blockId] ??= {};
    values[blockId][actionId] = readers.get(node)?.();
  }
  return values;
}

/**
 * Renders an interactive element. `context.act(click, node)` sends a click; `context.entered` holds values to start
 * from; `context.dispatch` is false inside input blocks, where a change waits for the form to be submitted.
 */
export function renderElement(element, block, context) {
  const render = RENDERERS[element.type];
  if (render) return render(element, block, context);
  return h('span', { class: 'unsupported' }, `[${element.type}]`);
}

const RENDERERS = {
  button: renderButton,
  overflow: renderOverflow,
  image: (element) => h('img', { class: 'accessory-image', src: element.image_url, alt: element.alt_text }),
  static_select: (element, block, context) =>
    renderSelect(element, block, context, optionsOf(element), 'selected_option'),
  external_select: (element, block, context) => renderSelect(element, block, context, [], 'selected_option'),
  users_select: (element, block, context) =>
    renderSelect(
      element,
      block,
      context,
      state.people.map((person) => choice(person.realName, person.id)),
      'selected_user',
    ),
  channels_select: (element, block, context) =>
    renderSelect(element, block, context, channelChoices(), 'selected_channel'),
  conversations_select: (element, block, context) =>
    renderSelect(element, block, context, channelChoices(), 'selected_conversation'),
  multi_static_select: renderChecks,
  multi_users_select: renderChecks,
  checkboxes: renderChecks,
  radio_buttons: renderRadios,
  plain_text_input: renderText,
  number_input: (element, block, context) => renderText(element, block, context, 'number'),
  url_text_input: (element, block, context) => renderText(element, block, context, 'url'),
  email_text_input: (element, block, context) => renderText(element, block, context, 'email'),
  datepicker: (element, block, context) =>
    renderPicker(element, block, context, 'date', 'selected_date', element.initial_date),
  timepicker: (element, block, context) =>
    renderPicker(element, block, context, 'time', 'selected_time', element.initial_time),
};

function ids(element, block) {
  return { actionId: element.action_id, blockId: block.block_id };
}

function clickOf(element, block, chosen) {
  return { actionId: element.action_id, blockId: block.block_id, ...(chosen ? { chosen } : {}) };
}

function renderButton(element, block, context) {
  const style = element.style ? `button-${element.style}` : '';
  const label = textObject(element.text);
  const node = h(
    'button',
    {
      type: 'button',
      class: `button ${style}`,
      data: { ...ids(element, block), value: element.value },
      'aria-label': element.accessibility_label,
      on: {
        click: async () => {
          if (!(await confirmFirst(element.confirm))) return;
          // The app hears of link buttons too.
          await context.act(clickOf(element, block), node);
        },
      },
    },
    label,
  );
  if (!element.url) return node;
  return link(element.url, label, { class: `button ${style}`, 'data-action-id': element.action_id });
}

function renderOverflow(element, block, context) {
  const node = h(
    'button',
    {
      type: 'button',
      class: 'button button-icon',
      'aria-label': 'More actions',
      'aria-haspopup': 'menu',
      data: ids(element, block),
      on: {
        click: () =>
          openMenu(
            node,
            (element.options ?? []).map((option) => ({
              label: textObject(option.text),
              data: { optionValue: option.value },
              run: async () => {
                if (await confirmFirst(element.confirm)) {
                  await context.act(clickOf(element, block, { selected_option: option }), node);
                }
              },
            })),
          ),
      },
    },
    '⋯',
  );
  return node;
}

function choice(text, value) {
  return { text: { type: 'plain_text', text }, value };
}

function optionsOf(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

function channelChoices() {
  return state.channels
    .filter((channel) => !channel.is_im)
    .map((channel) => choice(`#${channel.name}`, channel.id));
}

const INITIAL = {
  selected_option: (element) => element.initial_option?.value,
  selected_user: (element) => element.initial_user,
  selected_channel: (element) => element.initial_channel,
  selected_conversation: (element) => element.initial_conversation,
};

function renderSelect(element, block, context, options, field) {
  const entered = context.entered?.[block.block_id]?.[element.action_id]?.[field];
  const initial = (entered?.value ?? entered) || INITIAL[field](element);
  const node = h(
    'select',
    {
      class: 'select',
      'aria-label': element.placeholder?.text,
      data: { ...ids(element, block), stateful: '' },
      on: {
        change: async () => {
          if (!context.dispatch) return;
          if (await confirmFirst(element.confirm))
            await context.act(clickOf(element, block, { [field]: chosenValue() }), node);
        },
      },
    },
    h('option', { value: '' }, element.placeholder?.text ?? 'Choose…'),
    options.map((option) =>
      h('option', { value: option.value, selected: option.value === initial }, option.text.text),
    ),
  );
  const chosenValue = () => {
    if (field !== 'selected_option') return node.value || null;
    return options.find((option) => option.value === node.value) ?? null;
  };
  readers.set(node, () => ({ type: element.type, [field]: chosenValue() }));
  return h('span', { class: 'select-box' }, node);
}

function renderChecks(element, block, context) {
  const isUsers = element.type === 'multi_users_select';
  const options = isUsers
    ? state.people.map((person) => choice(person.realName, person.id))
    : optionsOf(element);
  const field = isUsers ? 'selected_users' : 'selected_options';
  const entered = context.entered?.[block.block_id]?.[element.action_id]?.[field];
  const initial = (entered ?? element.initial_options ?? element.initial_users ?? []).map(
    (item) => item.value ?? item,
  );
  const node = h(
    'div',
    { class: 'choices', role: 'group', data: { ...ids(element, block), stateful: '' } },
    options.map((option) =>
      h(
        'label',
        { class: 'choice' },
        h('input', { type: 'checkbox', value: option.value, checked: initial.includes(option.value) }),
        h('span', {}, textObject(option.text)),
      ),
    ),
  );
  const picked = () => [...node.querySelectorAll('input:checked')].map((input) => input.value);
  const chosenValue = () =>
    isUsers ? picked() : options.filter((option) => picked().includes(option.value));
  node.addEventListener('change', () => {
    if (context.dispatch) void context.act(clickOf(element, block, { [field]: chosenValue() }), node);
  });
  readers.set(node, () => ({ type: element.type, [field]: chosenValue() }));
  return node;
}

function renderRadios(element, block, context) {
  const entered = context.entered?.[block.block_id]?.[element.action_id]?.selected_option;
  const initial = (entered ?? element.initial_option)?.value;
  const name = `${block.block_id}-${element.action_id}`;
  const node = h(
    'div',
    { class: 'choices', role: 'radiogroup', data: { ...ids(element, block), stateful: '' } },
    optionsOf(element).map((option) =>
      h(
        'label',
        { class: 'choice' },
        h('input', { type: 'radio', name, value: option.value, checked: option.value === initial }),
        h(
          'span',
          {},
          textObject(option.text),
          option.description && h('small', {}, textObject(option.description)),
        ),
      ),
    ),
  );
  const chosenValue = () =>
    optionsOf(element).find((option) => option.value === node.querySelector('input:checked')?.value) ?? null;
  node.addEventListener('change', () => {
    if (context.dispatch) void context.act(clickOf(element, block, { selected_option: chosenValue() }), node);
  });
  readers.set(node, () => ({ type: element.type, selected_option: chosenValue() }));
  return node;
}

function renderText(element, block, context, type = 'text') {
  const entered = context.entered?.[block.block_id]?.[element.action_id]?.value;
  const node = h(element.multiline ? 'textarea' : 'input', {
    class: 'text-input',
    ...(element.multiline ? { rows: '4' } : { type }),
    placeholder: element.placeholder?.text,
    maxlength: element.max_length ? String(element.max_length) : undefined,
    data: { ...ids(element, block), stateful: '' },
  });
  node.value = entered ?? element.initial_value ?? '';
  readers.set(node, () => ({ type: element.type, value: node.value === '' ? null : node.value }));
  return node;
}

function renderPicker(element, block, context, type, field, initial) {
  const entered = context.entered?.[block.block_id]?.[element.action_id]?.[field];
  const node = h('input', { class: 'text-input', type, data: { ...ids(element, block), stateful: '' } });
  node.value = entered ?? initial ?? '';
  node.addEventListener('change', () => {
    if (context.dispatch) void context.act(clickOf(element, block, { [field]: node.value }), node);
  });
  readers.set(node, () => ({ type: element.type, [field]: node.value || null }));
  return node;
}
