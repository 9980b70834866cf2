import { codeBlock } from './code.js';
import { h, link } from './dom.js';
import { emoji, withDrawnEmoji } from './emoji.js';
import { channelMention, groupMention, userMention } from './names.js';

/** Renders the parts of a rich_text block. */
export function richText(elements) {
  return (elements ?? []).map(renderPart);
}

function renderPart(part) {
  if (part.type === 'rich_text_preformatted')
    return codeBlock((part.elements ?? []).map((item) => item.text ?? item.url ?? '').join(''));
  if (part.type === 'rich_text_quote')
    return h('blockquote', { class: 'quote' }, part.elements.map(renderInline));
  if (part.type === 'rich_text_list') {
    const list = h(
      part.style === 'ordered' ? 'ol' : 'ul',
      { class: 'rich-list' },
      part.elements.map((item) => h('li', {}, item.elements.map(renderInline))),
    );
    if (part.indent) list.style.marginLeft = `${part.indent * 1.5}rem`;
    if (part.offset && part.style === 'ordered') list.start = part.offset + 1;
    return list;
  }
  return h('div', { class: 'rich-section' }, (part.elements ?? []).map(renderInline));
}

function renderInline(item) {
  switch (item.type) {
    case 'text':
      return styled(withLineBreaks(item.text), item.style);
    case 'link':
      return styled(link(item.url, item.text || item.url), item.style);
    case 'user':
      return userMention(item.user_id);
    case 'usergroup':
      return groupMention(item.usergroup_id);
    case 'channel':
      return channelMention(item.channel_id);
    case 'broadcast':
      return h('span', { class: 'mention mention-me' }, `@${item.range}`);
    case 'emoji':
      return emoji(item.name);
    case 'date':
      return h('time', {}, new Date(item.timestamp * 1000).toLocaleString());
    default:
      return item.text ?? item.fallback ?? '';
  }
}

function withLineBreaks(text) {
  return String(text ?? '')
    .split('\n')
    .flatMap((line, index) => (index > 0 ? [h('br'), ...withDrawnEmoji(line)] : withDrawnEmoji(line)));
}

function styled(content, style = {}) {
  let node = content;
  if (style.code) return h('code', { class: 'inline-code' }, node);
  if (style.bold) node = h('strong', {}, node);
  if (style.italic) node = h('em', {}, node);
  if (style.strike) node = h('s', {}, node);
  return node;
}
