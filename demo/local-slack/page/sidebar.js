import { h } from './dom.js';
import { icon } from './icons.js';
import { author, avatar, channelTitle } from './names.js';
import { state } from './store.js';

/** Draws the workspace, its channels with unread marks, and who acts. `actAs(name)` changes that. */
export function drawSidebar(container, { actAs, closePane }) {
  const joined = state.channels.filter(
    (channel) => channel.is_member && !channel.is_im && !channel.is_archived,
  );
  const others = state.channels.filter(
    (channel) => !channel.is_member && !channel.is_im && !channel.is_archived,
  );
  const archived = state.channels.filter((channel) => channel.is_archived);
  const direct = state.channels.filter((channel) => channel.is_im && channel.user !== state.app.botUserId);
  const appDm = state.channels.find((channel) => channel.is_im && channel.user === state.app.botUserId);
  const focused = container.contains(document.activeElement)
    ? document.activeElement.getAttribute('href')
    : undefined;
  const scroll = container.querySelector('.sidebar-scroll')?.scrollTop ?? 0;
  container.replaceChildren(
    h(
      'div',
      { class: 'workspace' },
      h('span', { class: 'workspace-mark', 'aria-hidden': 'true' }, state.team.name[0]),
      h('strong', {}, state.team.name),
      h('span', { class: 'local-badge', title: 'Our own stand-in; not made by Slack' }, 'local'),
      h(
        'button',
        {
          type: 'button',
          class: 'pane-button',
          'aria-label': 'Close channel list',
          on: { click: closePane },
        },
        icon('close'),
      ),
    ),
    h(
      'div',
      { class: 'sidebar-scroll' },
      section('Channels', joined.sort(byName).map(channelLink)),
      others.length > 0 && section('Not joined', others.sort(byName).map(channelLink)),
      direct.length > 0 && section('Direct messages', direct.map(channelLink)),
      section('Apps', [homeLink(), appDm && channelLink(appDm)]),
      archived.length > 0 &&
        h(
          'details',
          { class: 'sidebar-archived' },
          h('summary', {}, `Archived (${archived.length})`),
          archived.map(channelLink),
        ),
    ),
    actingAs(actAs),
  );
  container.querySelector('.sidebar-scroll').scrollTop = scroll;
  if (focused) container.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function byName(a, b) {
  return a.name.localeCompare(b.name);
}

function section(title, items) {
  return h('div', { class: 'sidebar-section' }, h('h2', {}, title), items);
}

function channelLink(channel) {
  const current = state.place === channel.id;
  const unread = !current && channel.unread > 0;
  return h(
    'a',
    {
      class: `channel-link ${current ? 'current' : ''} ${unread ? 'unread' : ''} ${channel.is_member || channel.is_im ? '' : 'outside'}`,
      href: `#/${channel.id}`,
      'aria-current': current ? 'page' : undefined,
      data: { channelId: channel.id, channelName: channel.name, unread: String(channel.unread) },
    },
    channel.is_im ? avatar(author(channel.user), 'avatar-tiny') : icon(channel.is_private ? 'lock' : 'hash'),
    h('span', { class: 'channel-name' }, channelTitle(channel)),
    unread &&
      channel.mentions > 0 &&
      h('span', { class: 'mention-count', 'aria-label': `${channel.mentions} mentions` }, channel.mentions),
  );
}

function homeLink() {
  const current = state.place === 'home';
  return h(
    'a',
    {
      class: `channel-link ${current ? 'current' : ''}`,
      href: '#/home',
      'aria-current': current ? 'page' : undefined,
      data: { place: 'home' },
    },
    icon('home'),
    h('span', { class: 'channel-name' }, `${state.app.name} home`),
  );
}

let foot;
let footKey;

/** A native select under a drawn face: keyboards and phones know it. Kept while unchanged, so that it can stay open. */
function actingAs(actAs) {
  const key = JSON.stringify([state.me.id, state.people]);
  if (key === footKey) return foot;
  footKey = key;
  const select = h(
    'select',
    { 'aria-label': 'Act as', data: { actAs: state.me.name }, on: { change: () => actAs(select.value) } },
    state.people.map((person) =>
      h(
        'option',
        { value: person.name, selected: person.id === state.me.id },
        person.title ? `${person.realName} (${person.title})` : person.realName,
      ),
    ),
  );
  foot = h(
    'div',
    { class: 'sidebar-foot' },
    h(
      'div',
      { class: 'acting-as', data: { actingAs: state.me.name } },
      avatar(author(state.me.id), 'avatar-small'),
      h('span', { class: 'acting-name' }, h('small', {}, 'Acting as'), state.me.realName),
      icon('chevron'),
      select,
    ),
  );
  return foot;
}
