import { codeBlock } from './code.js';
import { h, link } from './dom.js';
import { emoji, withDrawnEmoji } from './emoji.js';
import { channelMention, groupMention, userMention } from './names.js';

const INLINE = new RegExp(
  [
    '`([^`\\n]+)`',
    '<([^<>\\n]+)>',
    ":([a-z0-9_+'-]+)(?:::skin-tone-\\d)?:",
    '(?<![\\w*])\\*(?=\\S)([^\\n]+?)(?<=\\S)\\*(?![\\w*])',
    '(?<![\\w_])_(?=\\S)([^\\n]+?)(?<=\\S)_(?![\\w_])',
    '(?<![\\w~])~(?=\\S)([^~\\n]+?)(?<=\\S)~(?![\\w~])',
  ].join('|'),
  'gi',
);

/** Slack sends `&`, `<` and `>` escaped; all else is literal. */
export function unescapeText(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Renders Slack's mrkdwn as nodes. */
export function mrkdwn(text) {
  const nodes = [];
  for (const [index, part] of String(text ?? '')
    .split('```')
    .entries()) {
    if (index % 2 === 1) nodes.push(codeBlock(plainReferences(part)));
    else if (part.trim() !== '' || (index === 0 && part !== ''))
      nodes.push(...lines(index > 0 ? part.replace(/^\n/, '') : part));
  }
  return nodes;
}

/** Renders a text object: mrkdwn, or plain text in which only emoji mean something. */
export function textObject(value) {
  if (!value) return [];
  return value.type === 'mrkdwn' ? mrkdwn(value.text) : plainText(value.text);
}

export function plainText(text) {
  return String(text ?? '')
    .split(/(:[a-z0-9_+'-]+:)/i)
    .map((part, index) => (index % 2 === 1 ? emoji(part.slice(1, -1)) : withDrawnEmoji(part)));
}

function lines(text) {
  const nodes = [];
  let quote = [];
  const flush = () => {
    if (quote.length > 0) nodes.push(h('blockquote', { class: 'quote' }, quote));
    quote = [];
  };
  const all = text.split('\n');
  for (const [index, line] of all.entries()) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      quote.push(inline(quoted[1]), h('br'));
      continue;
    }
    flush();
    nodes.push(inline(line));
    if (index < all.length - 1) nodes.push(h('br'));
  }
  flush();
  return nodes;
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, reference, shortcode, bold, italic, strike] = match;
    nodes.push(withDrawnEmoji(unescapeText(text.slice(from, match.index))));
    from = match.index + whole.length;
    if (code !== undefined) nodes.push(h('code', { class: 'inline-code' }, plainReferences(code)));
    else if (reference !== undefined) nodes.push(renderReference(reference));
    else if (shortcode !== undefined) nodes.push(emoji(shortcode));
    else if (bold !== undefined) nodes.push(h('strong', {}, inline(bold)));
    else if (italic !== undefined) nodes.push(h('em', {}, inline(italic)));
    else nodes.push(h('s', {}, inline(strike)));
  }
  nodes.push(withDrawnEmoji(unescapeText(text.slice(from))));
  return nodes;
}

/** In code, a link that Slack made of an address is shown as its address. */
function plainReferences(text) {
  return unescapeText(text.replace(/<(https?:[^|<>]+)(?:\|([^<>]*))?>/g, (_, url, label) => label || url));
}

function renderReference(reference) {
  const [target, label] = split(reference);
  if (target.startsWith('@')) return userMention(target.slice(1));
  if (target.startsWith('#')) return channelMention(target.slice(1), label);
  if (target.startsWith('!subteam^')) return groupMention(target.slice(9), label);
  if (target.startsWith('!date^')) return renderDate(target, label);
  if (target.startsWith('!')) return h('span', { class: 'mention mention-me' }, `@${target.slice(1)}`);
  return link(unescapeText(target), label ? plainText(unescapeText(label)) : unescapeText(target));
}

function split(reference) {
  const bar = reference.indexOf('|');
  return bar < 0 ? [reference, ''] : [reference.slice(0, bar), reference.slice(bar + 1)];
}

/** `<!date^seconds^format^link|fallback>`; the formats are those that Slack names. */
function renderDate(target, fallback) {
  const [, seconds, format = '{date_short} {time}', url] = target.split('^');
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => formatDate(date, name) ?? whole);
  const time = h('time', { datetime: date.toISOString(), title: date.toLocaleString() }, text);
  return url ? link(url, time) : time;
}

function formatDate(date, name) {
  if (name === 'time') return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  if (name === 'time_secs')
    return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (name === 'date_num') return date.toISOString().slice(0, 10);
  if (name.startsWith('date_short'))
    return date.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' });
  if (name.startsWith('date'))
    return date.toLocaleDateString([], { day: 'numeric', month: 'long', year: 'numeric' });
  if (name === 'ago') return `${Math.max(0, Math.round((Date.now() - date.getTime()) / 60_000))} min ago`;
  return undefined;
}
