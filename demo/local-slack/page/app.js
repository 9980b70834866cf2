import { act, explain, read } from './api.js';
import { renderBlocks } from './blocks.js';
import { drawChannelHeader } from './channel-header.js';
import { createComposer } from './composer.js';
import { h } from './dom.js';
import { readState } from './elements.js';
import { icon } from './icons.js';
import { createMessageList } from './message-list.js';
import { drawModal } from './modal.js';
import { toast } from './popups.js';
import { drawSidebar } from './sidebar.js';
import { channelById, state } from './store.js';

const app = document.getElementById('app');
const messages = document.getElementById('messages');
const thread = document.getElementById('thread');
const threadList = h('div', {
  class: 'messages thread-messages',
  tabindex: '0',
  'aria-label': 'Thread messages',
});
const threadFoot = h('div', { class: 'composer' });
// A list that scrolls must be reachable by keyboard.
messages.tabIndex = 0;
const drawMessages = createMessageList(messages, { inThread: false });
const drawThreadMessages = createMessageList(threadList, { inThread: true });
const composer = createComposer(document.getElementById('composer'), {
  threadTs: () => undefined,
  inputId: 'composer-input',
});
let threadComposer;
let version = 0;
let refreshing;
let stale = false;

thread.append(
  h(
    'header',
    { class: 'thread-head' },
    h('div', {}, h('h2', {}, 'Thread'), h('small', { id: 'thread-channel' })),
    h(
      'a',
      {
        class: 'icon-button',
        id: 'thread-close',
        href: '#/',
        'aria-label': 'Close thread',
        data: { role: 'close-thread' },
      },
      icon('close'),
    ),
  ),
  threadList,
  threadFoot,
);

/** `#/C123`, `#/C123/p1700000000123456[?thread_ts=…]`, `#/C123?at=…`, `#/home` */
function readAddress() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [place, message] = path.split('/');
  const parameters = new URLSearchParams(query);
  const ts = message?.startsWith('p') ? `${message.slice(1, -6)}.${message.slice(-6)}` : undefined;
  const threadTs = parameters.get('thread_ts') ?? ts;
  return {
    place: place || undefined,
    threadTs,
    highlight: parameters.get('at') ?? (parameters.get('thread_ts') ? ts : undefined),
  };
}

async function goToAddress() {
  const address = readAddress();
  if (address.place === 'home' && state.place !== 'home') void act('home');
  state.place = address.place ?? firstPlace();
  state.threadTs = channelById(state.place) ? address.threadTs : undefined;
  state.highlightTs = address.highlight ?? state.highlightTs;
  app.dataset.pane = state.threadTs ? 'thread' : 'main';
  await refresh();
  if (window.matchMedia('(min-width: 760px)').matches) (state.threadTs ? threadComposer : composer)?.focus();
}

function firstPlace() {
  const joined = state.channels.filter((channel) => channel.is_member && !channel.is_archived);
  return (
    (
      joined.find((channel) => channel.unread > 0) ??
      joined.find((channel) => channel.name === 'general') ??
      joined[0]
    )?.id ?? 'home'
  );
}

/** Reads again what is shown and draws it; calls during a refresh lead to one more. */
async function refresh() {
  if (refreshing) {
    stale = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      stale = false;
      await readAll();
      draw();
    } while (stale);
  })();
  try {
    await refreshing;
  } finally {
    refreshing = undefined;
  }
}

async function readAll() {
  const place = state.place;
  const threadTs = state.threadTs;
  const isChannel = place && place !== 'home';
  const [all, channel, replies] = await Promise.all([
    read('state'),
    isChannel ? read('channel', { channel: place }) : undefined,
    isChannel && threadTs ? read('thread', { channel: place, ts: threadTs }) : undefined,
  ]);
  version = Math.max(version, all.version);
  Object.assign(state, all);
  if (place !== state.place || threadTs !== state.threadTs) {
    stale = true;
    return;
  }
  state.channel = channel?.ok ? channel : undefined;
  state.thread = replies?.ok ? replies : undefined;
  const parent = state.thread?.messages[0]?.thread_ts;
  if (parent && parent !== threadTs) {
    // The address named a reply: show the thread that it is in.
    state.highlightTs = threadTs;
    state.threadTs = parent;
    stale = true;
  }
  const shown = channelById(place);
  if (shown?.unread > 0 && document.visibilityState === 'visible') {
    shown.unread = 0;
    void act('read', { channel: place });
  }
}

function draw() {
  drawSidebar(document.getElementById('sidebar'), { actAs, closePane: () => setPane('main') });
  drawChannelHeader(document.getElementById('channel-header'), document.getElementById('bookmarks'), {
    openSidebar: () => setPane('sidebar'),
  });
  if (state.place === 'home') drawHome();
  else if (state.channel) drawMessages(state.place, state.channel.messages);
  else
    messages.replaceChildren(
      h('p', { class: 'empty' }, 'This channel does not exist, or you are not a member of it.'),
    );
  composer.draw();
  drawThread();
  drawModal();
  const unread = state.channels.filter((channel) => channel.is_member && channel.unread > 0).length;
  const name = channelById(state.place)?.name ?? 'Local Slack';
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} · ${state.team.name}`;
}

function drawThread() {
  thread.hidden = !state.threadTs;
  app.classList.toggle('with-thread', Boolean(state.threadTs));
  if (!state.threadTs) return;
  document.getElementById('thread-channel').textContent = `#${channelById(state.place)?.name ?? ''}`;
  document.getElementById('thread-close').href = `#/${state.place}`;
  drawThreadMessages(`${state.place} ${state.threadTs}`, state.thread?.messages ?? []);
  threadComposer ??= createComposer(threadFoot, { threadTs: () => state.threadTs, inputId: 'thread-input' });
  threadComposer.draw();
}

function drawHome() {
  const context = {
    act: async (click) => {
      const outcome = await act('click', { view: true, ...click, state: readState(messages) });
      if (!outcome.ok) toast(explain(outcome.error));
    },
  };
  const blocks = state.home
    ? renderBlocks(state.home.blocks, context)
    : [h('p', { class: 'empty' }, `${state.app.name} has not published a home tab for you yet.`)];
  messages.replaceChildren(h('div', { class: 'home blocks' }, blocks));
}

function setPane(pane) {
  app.dataset.pane = pane;
}

async function actAs(name) {
  state.me = state.people.find((person) => person.name === name);
  sessionStorage.setItem('act-as', name);
  await refresh();
}

async function followChanges() {
  let failed = false;
  for (;;) {
    try {
      const answer = await fetch(`/local/changes?since=${version}`);
      const next = (await answer.json()).version;
      if (next !== version || failed) {
        version = next;
        failed = false;
        await refresh();
      }
    } catch {
      if (!failed) toast('The local Slack does not answer. Trying again…');
      failed = true;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (app.dataset.pane === 'sidebar') setPane('main');
  else if (state.threadTs) location.hash = `#/${state.place}`;
});
document.addEventListener('visibilitychange', () => void refresh());
document.getElementById('sidebar').addEventListener('click', (event) => {
  if (event.target.closest('a')) setPane('main');
});
window.addEventListener('hashchange', () => void goToAddress());

// `?as=mira` chooses who acts; without it the tab keeps its own person, so two tabs can be two people.
const wanted = new URLSearchParams(location.search).get('as') ?? sessionStorage.getItem('act-as');
state.me = wanted ? { id: wanted } : undefined;
try {
  Object.assign(state, await read('state'));
} catch {
  state.me = undefined;
  Object.assign(state, await read('state'));
}
version = state.version;
await goToAddress();
void followChanges();
