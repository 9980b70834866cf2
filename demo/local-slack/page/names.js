import { h } from './dom.js';
import { state } from './store.js';

const COLORS = ['#7c4dbd', '#c2416c', '#1f7a8c', '#b5651d', '#3a6ea5', '#4f7f3a', '#a0522d', '#5b5ea6'];

/** Who wrote a message, or is meant by an id: a person, the app, or a stranger. */
export function author(id, message = {}) {
  const app = state.app;
  if (app && (id === app.botUserId || message.bot_id)) {
    return { id, name: message.username || app.name, isApp: true, title: 'App' };
  }
  const person = state.people?.find((candidate) => candidate.id === id);
  if (person) return { id, name: person.realName, handle: person.name, title: person.title, isApp: false };
  return { id, name: id === 'U000000001' ? 'Workspace admin' : id || 'Unknown', isApp: false, title: '' };
}

export function avatar(who, size = '') {
  const initials = who.name
    .split(/\s+/)
    .map((part) => part[0])
    .slice(0, 2)
    .join('')
    .toUpperCase();
  const node = h(
    'span',
    { class: `avatar ${size} ${who.isApp ? 'avatar-app' : ''}`, 'aria-hidden': 'true' },
    initials,
  );
  if (!who.isApp) node.style.backgroundColor = colorOf(who.id);
  return node;
}

export function userMention(id) {
  const who = author(id);
  const mine = id === state.me?.id;
  return h(
    'span',
    { class: mine ? 'mention mention-me' : 'mention', title: who.title || who.name, data: { userId: id } },
    `@${who.name}`,
  );
}

export function groupMention(id, fallback) {
  const group = state.groups?.find((candidate) => candidate.id === id);
  const mine = group?.users.includes(state.me?.id);
  const names = group?.users.map((user) => author(user).name).join(', ');
  return h(
    'span',
    { class: mine ? 'mention mention-me' : 'mention', title: names },
    group ? `@${group.handle}` : fallback || `@${id}`,
  );
}

export function channelMention(id, fallback) {
  const channel = state.channels?.find((candidate) => candidate.id === id);
  return h('a', { class: 'mention', href: `#/${id}` }, `#${channel?.name ?? fallback ?? id}`);
}

export function channelTitle(channel) {
  if (!channel.is_im) return channel.name;
  return author(channel.user).name;
}

export function timeOf(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
}

export function fullTimeOf(ts) {
  return new Date(Number(ts) * 1000).toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' });
}

function colorOf(id) {
  const index = state.people.findIndex((person) => person.id === id);
  return COLORS[(index + COLORS.length) % COLORS.length];
}
