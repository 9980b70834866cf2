import { h, link } from './dom.js';
import { emoji } from './emoji.js';
import { icon } from './icons.js';
import { mrkdwn } from './mrkdwn.js';
import { author, avatar, channelTitle, timeOf } from './names.js';
import { openMenu } from './popups.js';
import { channelById, state } from './store.js';

/** Draws the channel's name, topic, members and pins, and its bookmarks below. */
export function drawChannelHeader(header, bookmarks, { openSidebar }) {
  const channel = channelById(state.place);
  const menuButton = h(
    'button',
    {
      type: 'button',
      class: 'pane-button',
      'aria-label': 'Show channel list',
      data: { role: 'open-sidebar' },
      on: { click: openSidebar },
    },
    icon('menu'),
    otherUnread() && h('span', { class: 'dot' }),
  );
  if (!channel) {
    header.replaceChildren(
      menuButton,
      h(
        'div',
        { class: 'channel-title' },
        h('h1', {}, state.place === 'home' ? `${state.app.name} home` : 'Local Slack'),
      ),
    );
    bookmarks.hidden = true;
    return;
  }
  const pins = state.channel?.pins ?? [];
  const members = state.channel?.members ?? [];
  header.replaceChildren(
    menuButton,
    h(
      'div',
      { class: 'channel-title' },
      h(
        'h1',
        { data: { role: 'channel-title' } },
        !channel.is_im && icon(channel.is_private ? 'lock' : 'hash'),
        channelTitle(channel),
        channel.is_archived && h('span', { class: 'local-badge' }, 'archived'),
      ),
      channel.topic?.value &&
        h(
          'div',
          { class: 'topic', title: channel.topic.value, data: { role: 'topic' } },
          mrkdwn(channel.topic.value),
        ),
    ),
    h(
      'div',
      { class: 'header-buttons' },
      pins.length > 0 && pinsButton(channel, pins),
      !channel.is_im && membersButton(members),
    ),
  );
  const links = state.channel?.bookmarks ?? [];
  bookmarks.hidden = links.length === 0;
  bookmarks.replaceChildren(
    ...links.map((bookmark) =>
      link(
        bookmark.link,
        [
          bookmark.emoji ? emoji(bookmark.emoji.replaceAll(':', '')) : icon('bookmark'),
          h('span', {}, bookmark.title),
        ],
        { class: 'bookmark', 'data-bookmark': bookmark.title },
      ),
    ),
  );
}

function otherUnread() {
  return state.channels.some(
    (channel) => channel.id !== state.place && channel.is_member && channel.unread > 0,
  );
}

function pinsButton(channel, pins) {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'header-button',
      'aria-haspopup': 'menu',
      title: 'Pinned messages',
      data: { role: 'pins' },
      on: {
        click: () =>
          openMenu(
            button,
            pins.map((pin) => ({
              label: [
                icon('pin'),
                h(
                  'span',
                  { class: 'pin-text' },
                  h('strong', {}, summary(pin.message)),
                  h('small', {}, `${author(pin.message.user, pin.message).name}, ${timeOf(pin.message.ts)}`),
                ),
              ],
              data: { pinnedTs: pin.message.ts },
              run: () => {
                state.highlightTs = pin.message.ts;
                location.hash = `#/${channel.id}?at=${pin.message.ts}`;
              },
            })),
            'menu-pins',
          ),
      },
    },
    icon('pin'),
    pins.length,
  );
  return button;
}

/** A pinned card in one line: its header if it has one, else its text. */
function summary(message) {
  const header = message.blocks?.find((block) => block.type === 'header');
  return (header?.text.text ?? message.text ?? 'Message').split('\n')[0].slice(0, 80);
}

function membersButton(members) {
  const button = h(
    'button',
    {
      type: 'button',
      class: 'header-button',
      'aria-haspopup': 'menu',
      title: 'Members',
      data: { role: 'members' },
      on: {
        click: () =>
          openMenu(
            button,
            members.map((id) => {
              const who = author(id);
              return {
                label: [avatar(who, 'avatar-small'), h('span', {}, who.name, h('small', {}, who.title))],
                run: () => {},
              };
            }),
            'menu-people',
          ),
      },
    },
    h(
      'span',
      { class: 'faces' },
      members.slice(0, 3).map((id) => avatar(author(id), 'avatar-tiny')),
    ),
    members.length,
  );
  return button;
}
