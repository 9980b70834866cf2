import { h } from './dom.js';
import { textObject } from './mrkdwn.js';

/** Asks as Slack's confirm dialog does; resolves true at once when there is nothing to ask. */
export function confirmFirst(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const danger = confirm.style === 'danger';
    const answer = (yes) => () => {
      dialog.close();
      resolve(yes);
    };
    const dialog = h(
      'dialog',
      {
        class: 'dialog confirm',
        'aria-label': confirm.title?.text,
        data: { role: 'confirm' },
        on: { cancel: answer(false) },
      },
      h('h2', {}, textObject(confirm.title)),
      h('div', { class: 'dialog-body' }, textObject(confirm.text)),
      h(
        'div',
        { class: 'dialog-buttons' },
        h(
          'button',
          { type: 'button', class: 'button', data: { confirm: 'deny' }, on: { click: answer(false) } },
          textObject(confirm.deny),
        ),
        h(
          'button',
          {
            type: 'button',
            class: `button ${danger ? 'button-danger' : 'button-primary'}`,
            data: { confirm: 'accept' },
            on: { click: answer(true) },
          },
          textObject(confirm.confirm),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      resolve(false);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Opens a small menu next to `anchor`; items are `{label, run, data?, current?}`. Arrow keys, Escape and Tab work. */
export function openMenu(anchor, items, className = '') {
  document.querySelector('.menu')?.remove();
  const close = () => {
    menu.remove();
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute('aria-expanded', 'false');
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const menu = h(
    'div',
    { class: `menu ${className}`, role: 'menu' },
    items.map((item) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: item.current ? 'menu-item current' : 'menu-item',
          data: item.data ?? {},
          on: {
            click: () => {
              close();
              anchor.focus();
              void item.run();
            },
          },
        },
        item.label,
      ),
    ),
  );
  menu.addEventListener('keydown', (event) => {
    const buttons = [...menu.querySelectorAll('button')];
    const index = buttons.indexOf(document.activeElement);
    if (event.key === 'Escape' || event.key === 'Tab') {
      close();
      anchor.focus();
    } else if (event.key === 'ArrowDown') buttons[(index + 1) % buttons.length].focus();
    else if (event.key === 'ArrowUp') buttons[(index - 1 + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
  });
  document.body.append(menu);
  place(menu, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  menu.querySelector('button')?.focus();
  document.addEventListener('pointerdown', outside, true);
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = box.bottom + size.height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
  menu.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - size.height - 6)}px`;
}

export function toast(text, kind = 'error') {
  const node = h('div', { class: `toast toast-${kind}`, data: { role: 'toast' } }, text);
  document.getElementById('toasts').append(node);
  setTimeout(() => node.remove(), 6000);
}
