import { act, explain } from './api.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { channelTitle } from './names.js';
import { toast } from './popups.js';
import { channelById, state } from './store.js';

/** Keeps a message box in `container`; drafts are kept per place. `threadTs()` gives the thread it writes to. */
export function createComposer(container, { threadTs, inputId }) {
  const drafts = new Map();
  const input = h('textarea', {
    id: inputId,
    class: 'composer-input',
    rows: '1',
    data: { role: threadTs() === undefined ? 'composer' : 'thread-composer' },
  });
  const send = h(
    'button',
    { type: 'button', class: 'send', 'aria-label': 'Send message', data: { role: 'send' } },
    icon('send'),
  );
  const suggestions = h('div', { class: 'suggestions', role: 'listbox', hidden: true });
  const box = h('div', { class: 'composer-box' }, suggestions, input, send);
  let shown;

  const place = () => `${state.place} ${threadTs() ?? ''}`;
  const resize = () => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 220)}px`;
    send.disabled = input.value.trim() === '';
  };

  async function submit() {
    const text = input.value;
    if (text.trim() === '') return;
    input.value = '';
    drafts.delete(place());
    suggest();
    resize();
    const outcome = await act('say', {
      channel: state.place,
      text,
      ...(threadTs() ? { threadTs: threadTs() } : {}),
    });
    if (
      outcome.ok ||
      ['dispatch_failed', 'operation_timeout', 'unknown_command', 'command_in_thread'].includes(outcome.error)
    )
      return;
    input.value = text;
    resize();
    toast(explain(outcome.error));
  }

  function candidates() {
    const before = input.value.slice(0, input.selectionStart);
    const command = /^\/(\S*)$/.exec(before);
    if (command)
      return state.commands
        .filter((name) => name.startsWith(before))
        .map((name) => ({ text: name, insert: `${name} `, from: 0 }));
    const mention = /(?:^|\s)@([a-z0-9._-]*)$/i.exec(before);
    if (!mention) return [];
    const typed = mention[1].toLowerCase();
    const from = before.length - typed.length;
    const all = [
      { handle: state.app.name.toLowerCase(), label: `${state.app.name} (app)` },
      ...state.people.map((person) => ({ handle: person.name, label: person.realName })),
      ...state.groups.map((group) => ({ handle: group.handle, label: `${group.name} (group)` })),
    ];
    return all
      .filter((item) => item.handle.startsWith(typed) || item.label.toLowerCase().includes(typed))
      .slice(0, 7)
      .map((item) => ({ text: `@${item.handle}`, label: item.label, insert: `${item.handle} `, from }));
  }

  function suggest() {
    const found = document.activeElement === input ? candidates() : [];
    suggestions.hidden = found.length === 0;
    suggestions.replaceChildren(
      ...found.map((item, index) =>
        h(
          'div',
          {
            class: index === 0 ? 'suggestion current' : 'suggestion',
            role: 'option',
            'aria-selected': String(index === 0),
            on: {
              pointerdown: (event) => {
                event.preventDefault();
                take(item);
              },
            },
          },
          h('strong', {}, item.text),
          item.label && h('span', {}, item.label),
        ),
      ),
    );
    suggestions.items = found;
  }

  function take(item) {
    const after = input.value.slice(input.selectionStart);
    input.value = `${input.value.slice(0, item.from)}${item.insert}${after}`;
    input.selectionStart = input.selectionEnd = item.from + item.insert.length;
    suggest();
    resize();
    input.focus();
  }

  function moveSuggestion(step) {
    const options = [...suggestions.children];
    const index = options.findIndex((option) => option.classList.contains('current'));
    const next = (index + step + options.length) % options.length;
    options.forEach((option, position) => {
      option.classList.toggle('current', position === next);
      option.setAttribute('aria-selected', String(position === next));
    });
  }

  input.addEventListener('input', () => {
    drafts.set(place(), input.value);
    resize();
    suggest();
  });
  input.addEventListener('blur', suggest);
  input.addEventListener('keydown', (event) => {
    const open = !suggestions.hidden;
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp'))
      moveSuggestion(event.key === 'ArrowDown' ? 1 : -1);
    else if (open && (event.key === 'Tab' || (event.key === 'Enter' && !isTyped(chosen())))) {
      take(chosen());
    } else if (open && event.key === 'Escape') suggestions.hidden = true;
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void submit();
    else return;
    event.preventDefault();
  });
  const chosen = () =>
    suggestions.items[[...suggestions.children].findIndex((option) => option.classList.contains('current'))];
  /** A name that is already written out in full needs no choosing: Enter sends. */
  const isTyped = (item) => `${input.value.slice(item.from, input.selectionStart)} ` === item.insert;
  send.addEventListener('click', () => void submit());

  return {
    focus: () => input.focus({ preventScroll: true }),
    draw() {
      const channel = channelById(state.place);
      const label = threadTs()
        ? 'Reply…'
        : `Message ${channel?.is_im ? '' : '#'}${channel ? channelTitle(channel) : ''}`;
      input.placeholder = label;
      input.setAttribute('aria-label', label);
      if (shown !== place()) {
        shown = place();
        input.value = drafts.get(shown) ?? '';
        suggestions.hidden = true;
      }
      const wanted = !channel
        ? undefined
        : channel.is_archived
          ? notice('This channel is archived.')
          : channel.is_member || channel.is_im
            ? box
            : joinNotice(channel);
      if (wanted !== container.firstChild) container.replaceChildren(...(wanted ? [wanted] : []));
      resize();
    },
  };
}

function notice(...content) {
  return h('div', { class: 'composer-notice' }, content);
}

function joinNotice(channel) {
  return notice(
    h('span', {}, 'You are looking at ', h('strong', {}, `#${channel.name}`)),
    h(
      'button',
      {
        type: 'button',
        class: 'button button-primary',
        data: { role: 'join' },
        on: { click: () => act('join', { channel: channel.id }) },
      },
      'Join channel',
    ),
  );
}
