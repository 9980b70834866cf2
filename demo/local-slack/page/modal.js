import { act, explain } from './api.js';
import { renderBlocks } from './blocks.js';
import { h } from './dom.js';
import { readState } from './elements.js';
import { icon } from './icons.js';
import { plainText } from './mrkdwn.js';
import { toast } from './popups.js';
import { state } from './store.js';

let dialog;
let shownKey;
let shownViewId;

/** Shows the modal that the acting person has open, or none. What was typed survives an update of the same view. */
export function drawModal() {
  const view = state.modal;
  const key = view ? `${state.me.id} ${view.id} ${view.hash}` : undefined;
  if (key === shownKey) return;
  shownKey = key;
  if (!view) {
    dialog?.remove();
    dialog = undefined;
    return;
  }
  const entered = dialog && shownViewId === view.id ? readState(dialog) : undefined;
  shownViewId = view.id;
  const old = dialog;
  dialog = buildDialog(view, entered);
  document.body.append(dialog);
  dialog.showModal();
  old?.remove();
  (dialog.querySelector('[data-stateful]') ?? dialog.querySelector('[data-role=modal-submit]'))?.focus();
}

function buildDialog(view, entered) {
  const close = () => act('close');
  const context = {
    entered,
    act: async (click) => {
      const outcome = await act('click', { view: true, ...click, state: readState(form) });
      if (!outcome.ok) toast(explain(outcome.error));
    },
  };
  const submit = h(
    'button',
    { type: 'submit', class: 'button button-primary', data: { role: 'modal-submit' } },
    plainText(view.submit?.text ?? 'Submit'),
  );
  const form = h(
    'form',
    {
      class: 'modal-form',
      method: 'dialog',
      novalidate: true,
      on: {
        submit: async (event) => {
          event.preventDefault();
          submit.disabled = true;
          const outcome = await act('submit', { state: readState(form) });
          submit.disabled = false;
          showErrors(form, outcome.errors ?? {});
          if (!outcome.ok) toast(explain(outcome.error));
        },
      },
    },
    h(
      'header',
      { class: 'modal-head' },
      h('h2', {}, plainText(view.title?.text)),
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': 'Close',
          data: { role: 'modal-close' },
          on: { click: close },
        },
        icon(state.modalDepth > 1 ? 'back' : 'close'),
      ),
    ),
    h('div', { class: 'modal-body blocks' }, renderBlocks(view.blocks, context)),
    h(
      'footer',
      { class: 'dialog-buttons' },
      h(
        'button',
        { type: 'button', class: 'button', on: { click: close } },
        plainText(view.close?.text ?? 'Cancel'),
      ),
      view.submit && submit,
    ),
  );
  return h(
    'dialog',
    {
      class: 'dialog modal',
      'aria-label': view.title?.text,
      data: { role: 'modal', callbackId: view.callback_id, viewId: view.id },
      on: {
        cancel: (event) => {
          event.preventDefault();
          void close();
        },
      },
    },
    form,
  );
}

function showErrors(form, errors) {
  for (const block of form.querySelectorAll('[data-input-block]')) {
    const error = errors[block.dataset.inputBlock];
    block.classList.toggle('invalid', Boolean(error));
    block.querySelector('.input-error').textContent = error ?? '';
    block.querySelector('[data-stateful]')?.setAttribute('aria-invalid', String(Boolean(error)));
  }
  form.querySelector('.invalid [data-stateful]')?.focus();
}
