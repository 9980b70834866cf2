import { act, explain } from './api.js';
import { renderBlocks } from './blocks.js';
import { h, safeUrl } from './dom.js';
import { readState } from './elements.js';
import { emoji } from './emoji.js';
import { renderFiles } from './files.js';
import { icon } from './icons.js';
import { mrkdwn } from './mrkdwn.js';
import { author, avatar, fullTimeOf, timeOf } from './names.js';
import { openMenu, toast } from './popups.js';
import { state } from './store.js';

const REACTIONS = ['white_check_mark', 'eyes', '+1', 'tada', 'pushpin', 'memo', 'fire', 'x'];
const SYSTEM = new Set([
  'channel_topic',
  'channel_purpose',
  'channel_name',
  'channel_join',
  'channel_leave',
  'channel_archive',
  'channel_unarchive',
]);

/** Slack's own lines, such as a changed topic. */
export function isSystem(message) {
  return SYSTEM.has(message.subtype);
}

/** Draws one message; `grouped` leaves out its head, `inThread` what only the channel shows. */
export function renderMessage(message, { grouped, inThread }) {
  const who = author(message.user, message);
  const data = {
    messageTs: message.ts,
    author: who.id,
    ephemeral: message.is_ephemeral ? 'true' : undefined,
  };
  if (isSystem(message)) {
    return h(
      'div',
      { class: 'message message-system', data },
      h('div', { class: 'message-gutter' }, icon('hash')),
      h('div', { class: 'message-text' }, mrkdwn(message.text)),
    );
  }
  const node = h('article', {
    class: `message ${grouped ? 'grouped' : ''} ${message.is_ephemeral ? 'message-ephemeral' : ''}`,
    data,
    'aria-label': `Message from ${who.name}`,
  });
  node.append(
    h(
      'div',
      { class: 'message-gutter' },
      grouped
        ? h('time', { class: 'gutter-time', title: fullTimeOf(message.ts) }, timeOf(message.ts))
        : avatar(who),
    ),
    h('div', { class: 'message-main' }, content(node, message, who, { grouped, inThread })),
    message.is_ephemeral ? '' : hoverActions(message, inThread),
  );
  return node;
}

function content(node, message, who, { grouped, inThread }) {
  const pinned = state.channel?.pins.some((pin) => pin.message?.ts === message.ts);
  return [
    message.is_ephemeral && h('div', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
    pinned && h('div', { class: 'pinned-mark' }, icon('pin'), 'Pinned'),
    !grouped &&
      h(
        'div',
        { class: 'message-head' },
        h('span', { class: 'message-author', title: who.title }, who.name),
        who.isApp && h('span', { class: 'app-badge' }, 'APP'),
        h(
          'a',
          {
            class: 'message-time',
            href: `#/${state.place}/p${message.ts.replace('.', '')}`,
            title: fullTimeOf(message.ts),
          },
          timeOf(message.ts),
        ),
        message.blocks && editedMark(message),
      ),
    body(node, message),
    renderFiles(message.files),
    message.reactions && reactions(message),
    message.is_ephemeral &&
      h(
        'button',
        {
          type: 'button',
          class: 'text-button',
          data: { role: 'dismiss' },
          on: { click: () => act('dismiss', { ts: message.ts }) },
        },
        'Dismiss message',
      ),
    !inThread && message.reply_count > 0 && replyBar(message),
  ];
}

function body(node, message) {
  const context = {
    act: async (click, button) => {
      button.classList.add('pending');
      const outcome = await act('click', {
        channel: state.place,
        ts: message.ts,
        ...click,
        state: readState(node),
      });
      button.classList.remove('pending');
      if (!outcome.ok) toast(explain(outcome.error));
    },
  };
  const parts = message.blocks
    ? [h('div', { class: 'blocks' }, renderBlocks(message.blocks, context))]
    : [message.text && h('div', { class: 'message-text' }, mrkdwn(message.text), editedMark(message))];
  for (const attachment of message.attachments ?? []) parts.push(renderAttachment(attachment, context));
  return parts;
}

function editedMark(message) {
  return (
    message.edited &&
    h('span', { class: 'edited', title: `Edited ${fullTimeOf(message.edited.ts)}` }, '(edited)')
  );
}

function renderAttachment(attachment, context) {
  const node = h(
    'div',
    { class: 'attachment' },
    attachment.pretext && h('div', { class: 'message-text' }, mrkdwn(attachment.pretext)),
    attachment.title && h('strong', {}, attachment.title),
    attachment.blocks
      ? renderBlocks(attachment.blocks, context)
      : attachment.text && h('div', { class: 'message-text' }, mrkdwn(attachment.text)),
    attachment.fields &&
      h(
        'div',
        { class: 'fields' },
        attachment.fields.map((field) =>
          h('div', { class: 'field' }, h('strong', {}, field.title), h('br'), mrkdwn(field.value)),
        ),
      ),
    safeUrl(attachment.image_url) &&
      h('img', { class: 'file-image', src: attachment.image_url, alt: attachment.fallback ?? '' }),
    attachment.footer && h('small', {}, attachment.footer),
  );
  const named = { good: '#2eaa5c', warning: '#f2b01e', danger: '#e01e3c' };
  const color =
    named[attachment.color] ??
    (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? '') ? `#${attachment.color.replace('#', '')}` : undefined);
  if (color) node.style.borderLeftColor = color;
  return node;
}

function reactions(message) {
  return h(
    'div',
    { class: 'reactions' },
    message.reactions.map((reaction) =>
      h(
        'button',
        {
          type: 'button',
          class: reaction.users.includes(state.me.id) ? 'reaction mine' : 'reaction',
          title: `${reaction.users.map((user) => author(user).name).join(', ')} reacted with :${reaction.name}:`,
          data: { reaction: reaction.name },
          on: { click: () => act('react', { channel: state.place, ts: message.ts, name: reaction.name }) },
        },
        emoji(reaction.name),
        h('span', {}, reaction.count),
      ),
    ),
  );
}

function replyBar(message) {
  const people = (message.reply_users ?? []).slice(0, 4).map((user) => avatar(author(user), 'avatar-small'));
  const label = message.reply_count === 1 ? '1 reply' : `${message.reply_count} replies`;
  return h(
    'a',
    {
      class: 'reply-bar',
      href: `#/${state.place}/p${message.ts.replace('.', '')}`,
      data: { openThread: message.ts },
    },
    people,
    h('span', { class: 'reply-label' }, label),
    h('span', { class: 'reply-hint' }, 'View thread'),
  );
}

function hoverActions(message, inThread) {
  const react = h(
    'button',
    {
      type: 'button',
      'aria-label': 'Add a reaction',
      title: 'Add a reaction',
      data: { role: 'react' },
      on: {
        click: () =>
          openMenu(
            react,
            REACTIONS.map((name) => ({
              label: emoji(name),
              data: { reaction: name },
              run: () => act('react', { channel: state.place, ts: message.ts, name }),
            })),
            'menu-emoji',
          ),
      },
    },
    icon('smile'),
  );
  const address = `#/${state.place}/p${(message.thread_ts ?? message.ts).replace('.', '')}`;
  return h(
    'div',
    { class: 'message-actions' },
    react,
    !inThread &&
      h(
        'a',
        { href: address, title: 'Reply in thread', 'aria-label': 'Reply in thread', data: { role: 'reply' } },
        icon('thread'),
      ),
    h(
      'button',
      {
        type: 'button',
        title: 'Copy link',
        'aria-label': 'Copy link to message',
        on: {
          click: async () => {
            await navigator.clipboard?.writeText(`${location.origin}/${address}`);
            toast('Link copied', 'info');
          },
        },
      },
      icon('link'),
    ),
  );
}
