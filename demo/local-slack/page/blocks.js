import { h, safeUrl } from './dom.js';
import { renderElement } from './elements.js';
import { markdown, tableOf } from './markdown.js';
import { mrkdwn, plainText, textObject } from './mrkdwn.js';
import { richText } from './rich-text.js';

/** Renders Block Kit. `context` is handed to interactive elements (see elements.js). */
export function renderBlocks(blocks, context) {
  return (blocks ?? []).map((block) => {
    const render = RENDERERS[block.type] ?? renderUnknown;
    const node = render(block, { ...context, dispatch: true });
    node.dataset.blockId = block.block_id ?? '';
    node.classList.add('block');
    return node;
  });
}

const RENDERERS = {
  header: (block) => h('h3', { class: 'block-header' }, plainText(block.text.text)),
  divider: () => h('hr', { class: 'divider' }),
  section: renderSection,
  context: renderContext,
  actions: (block, context) =>
    h(
      'div',
      { class: 'block-actions' },
      block.elements.map((element) => renderElement(element, block, context)),
    ),
  input: renderInput,
  image: renderImage,
  rich_text: (block) => h('div', { class: 'block-rich' }, richText(block.elements)),
  markdown: (block) => h('div', { class: 'block-markdown' }, markdown(block.text)),
  table: renderTable,
  alert: (block) =>
    h('div', { class: `block-alert alert-${block.level ?? 'info'}`, role: 'note' }, textOrString(block.text)),
  context_actions: (block, context) => RENDERERS.actions(block, context),
};

function renderSection(block, context) {
  return h(
    'div',
    { class: block.accessory ? 'block-section with-accessory' : 'block-section' },
    h(
      'div',
      { class: 'section-body' },
      block.text && h('div', { class: 'section-text' }, textObject(block.text)),
      block.fields &&
        h(
          'div',
          { class: 'fields' },
          block.fields.map((field) => h('div', { class: 'field' }, textObject(field))),
        ),
    ),
    block.accessory && h('div', { class: 'accessory' }, renderElement(block.accessory, block, context)),
  );
}

function renderContext(block) {
  return h(
    'div',
    { class: 'block-context' },
    block.elements.map((element) =>
      element.type === 'image'
        ? h('img', { class: 'context-image', src: safeUrl(element.image_url), alt: element.alt_text })
        : h('span', { class: 'context-text' }, textObject(element)),
    ),
  );
}

function renderInput(block, context) {
  const inputId = `input-${block.block_id}`;
  const element = renderElement(block.element, block, {
    ...context,
    dispatch: block.dispatch_action === true,
  });
  const control = element.matches('[data-stateful]')
    ? element
    : (element.querySelector('[data-stateful]') ?? element);
  control.id = inputId;
  control.setAttribute('aria-describedby', `${inputId}-note`);
  return h(
    'div',
    { class: 'block-input', data: { inputBlock: block.block_id } },
    h(
      'label',
      { for: inputId },
      plainText(block.label.text),
      block.optional && h('span', { class: 'optional' }, ' (optional)'),
    ),
    element,
    h('div', { class: 'input-note', id: `${inputId}-note` }, block.hint && textObject(block.hint)),
    h('div', { class: 'input-error', role: 'alert' }),
  );
}

function renderImage(block) {
  return h(
    'figure',
    { class: 'block-image' },
    block.title && h('figcaption', {}, plainText(block.title.text)),
    h('img', { src: safeUrl(block.image_url), alt: block.alt_text, loading: 'lazy' }),
  );
}

function renderTable(block) {
  const cell = (value) => (value.type === 'rich_text' ? richText(value.elements) : String(value.text ?? ''));
  return tableOf(
    (block.rows ?? []).map((row) => row.map(cell)),
    true,
  );
}

function textOrString(text) {
  return typeof text === 'string' ? mrkdwn(text) : textObject(text);
}

/** A block that this page does not draw: what it says, so that nothing is hidden. */
function renderUnknown(block) {
  const texts = [];
  const collect = (value) => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (value && typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) {
        if (typeof item === 'string' && ['text', 'title', 'details', 'output'].includes(key))
          texts.push(item);
        else collect(item);
      }
    }
  };
  collect(block);
  return h(
    'div',
    { class: 'block-unknown' },
    h('small', {}, `${block.type} block`),
    texts.map((text) => h('div', {}, mrkdwn(text))),
  );
}
