import { arrange, h } from './dom.js';
import { isSystem, renderMessage } from './message.js';
import { state } from './store.js';

const GROUP_WITHIN_S = 300;

/** A list that redraws only the messages that changed. `inThread` hides what only the channel shows. */
export function createMessageList(container, { inThread }) {
  const drawn = new Map();
  const stack = h('div', { class: 'message-stack' });
  // Fonts, images, and the composer change heights after drawing: who was at the end stays at the end.
  let atEnd = true;
  let lastTop = 0;
  const stay = new ResizeObserver(() => {
    if (atEnd) container.scrollTop = container.scrollHeight;
  });
  stay.observe(container);
  stay.observe(stack);
  container.addEventListener('scroll', () => {
    const isNear = container.scrollHeight - container.scrollTop - container.clientHeight < 60;
    // Only moving up leaves the end; a list that merely became shorter was not moved by anyone.
    atEnd = container.scrollTop < lastTop ? isNear : atEnd || isNear;
    lastTop = container.scrollTop;
  });
  let shownPlace;
  let shownActor;

  /** Draws `messages`, oldest first; stays at the end when it was there. */
  return function draw(place, messages) {
    const isNew = place !== shownPlace;
    if (isNew || shownActor !== state.me.id) drawn.clear();
    const nodes = [];
    let previous;
    for (const message of messages) {
      if (!inThread && dayOf(message.ts) !== (previous && dayOf(previous.ts)))
        nodes.push(dayNode(drawn, message.ts));
      const grouped = isGrouped(previous, message, inThread);
      const key = JSON.stringify([message, grouped]);
      const old = drawn.get(message.ts);
      const node = old?.key === key ? old.node : renderMessage(message, { grouped, inThread });
      if (old && old.node !== node) moveFocus(old.node, node);
      drawn.set(message.ts, { key, node });
      nodes.push(node);
      if (inThread && message === messages[0] && messages.length > 1)
        nodes.push(countNode(drawn, messages.length - 1));
      previous = message;
    }
    arrange(stack, nodes);
    if (container.firstChild !== stack) container.replaceChildren(stack);
    atEnd ||= isNew;
    if (atEnd) container.scrollTop = container.scrollHeight;
    shownPlace = place;
    shownActor = state.me.id;
    showHighlighted(container);
  };
}

/** Redrawing a card must not take the keyboard away from the button that was just pressed. */
function moveFocus(from, to) {
  const focused = from.contains(document.activeElement) ? document.activeElement.dataset.actionId : undefined;
  if (!focused) return;
  queueMicrotask(() =>
    to.querySelector(`[data-action-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true }),
  );
}

function showHighlighted(container) {
  const node =
    state.highlightTs && container.querySelector(`[data-message-ts="${CSS.escape(state.highlightTs)}"]`);
  if (!node) return;
  state.highlightTs = undefined;
  node.scrollIntoView({ block: 'center' });
  node.classList.add('highlight');
  setTimeout(() => node.classList.remove('highlight'), 2500);
}

/** Plain messages in a row share one head; cards keep their own. */
function isGrouped(previous, message, inThread) {
  if (!previous || previous.user !== message.user || previous.username !== message.username) return false;
  if (hasCard(previous) || hasCard(message) || isSystem(previous)) return false;
  if (previous.is_ephemeral || message.is_ephemeral || (inThread && previous.reply_count)) return false;
  return (
    Number(message.ts) - Number(previous.ts) < GROUP_WITHIN_S && dayOf(message.ts) === dayOf(previous.ts)
  );
}

function hasCard(message) {
  return Boolean(message.blocks ?? message.attachments ?? message.files);
}

function dayOf(ts) {
  return new Date(Number(ts) * 1000).toDateString();
}

function dayNode(drawn, ts) {
  const day = dayOf(ts);
  const known = drawn.get(day);
  if (known) return known.node;
  const label =
    day === new Date().toDateString()
      ? 'Today'
      : new Date(Number(ts) * 1000).toLocaleDateString([], {
          weekday: 'long',
          day: 'numeric',
          month: 'long',
        });
  const node = h('div', { class: 'day', role: 'separator' }, h('span', {}, label));
  drawn.set(day, { node });
  return node;
}

function countNode(drawn, count) {
  const key = `count ${count}`;
  const node =
    drawn.get(key)?.node ??
    h('div', { class: 'reply-count' }, h('span', {}, count === 1 ? '1 reply' : `${count} replies`));
  drawn.set(key, { node });
  return node;
}
