import { codeBlock } from './code.js';
import { h, link } from './dom.js';
import { emoji, withDrawnEmoji } from './emoji.js';

const INLINE =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|__(.+?)__|(?<!\w)[*_](?=\S)(.+?)(?<=\S)[*_](?!\w)|~~(.+?)~~|:([a-z0-9_+-]+):/gi;

/** Renders a `markdown` block: the part of Markdown that Slack documents. */
export function markdown(text) {
  const nodes = [];
  for (const [index, part] of text.split(/^```[^\n]*\n?/m).entries()) {
    if (index % 2 === 1) nodes.push(codeBlock(part));
    else nodes.push(...blocksOf(part));
  }
  return nodes;
}

function blocksOf(text) {
  const nodes = [];
  let paragraph = [];
  let list;
  let rows = [];
  const flush = () => {
    if (paragraph.length > 0)
      nodes.push(
        h(
          'p',
          {},
          paragraph.flatMap((line, index) => (index > 0 ? [h('br'), inline(line)] : inline(line))),
        ),
      );
    if (list)
      nodes.push(
        h(
          list.tag,
          { class: 'rich-list' },
          list.items.map((item) => h('li', {}, inline(item))),
        ),
      );
    if (rows.length > 0) nodes.push(table(rows));
    paragraph = [];
    list = undefined;
    rows = [];
  };
  for (const line of text.split('\n')) {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*•])|\d+[.)])\s+(.*)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    if (heading) {
      flush();
      nodes.push(h(heading[1].length < 3 ? 'h3' : 'h4', { class: 'md-heading' }, inline(heading[2])));
    } else if (item) {
      const tag = item[1] ? 'ul' : 'ol';
      if (list?.tag !== tag) flush();
      list ??= { tag, items: [] };
      list.items.push(item[2]);
    } else if (/^\s*\|.*\|\s*$/.test(line)) {
      if (rows.length === 0) flush();
      rows.push(line);
    } else if (quote) {
      flush();
      nodes.push(h('blockquote', { class: 'quote' }, inline(quote[1])));
    } else if (/^\s*(-{3,}|\*{3,})\s*$/.test(line)) {
      flush();
      nodes.push(h('hr', { class: 'divider' }));
    } else if (line.trim() === '') flush();
    else {
      if (list || rows.length > 0) flush();
      paragraph.push(line);
    }
  }
  flush();
  return nodes;
}

function table(rows) {
  const cells = rows.map((row) =>
    row
      .trim()
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
  const isRule = (row) => row.every((cell) => /^:?-+:?$/.test(cell));
  const hasHead = cells.length > 1 && isRule(cells[1]);
  return tableOf(
    cells.filter((row) => !isRule(row)).map((row) => row.map(inline)),
    hasHead,
  );
}

/** A table from rows of cell contents; the first row is its head when `hasHead`. */
export function tableOf(rows, hasHead) {
  const render = (row, tag) =>
    h(
      'tr',
      {},
      row.map((cell) => h(tag, {}, cell)),
    );
  return h(
    'div',
    { class: 'table-scroll', tabindex: '0' },
    h(
      'table',
      { class: 'table' },
      hasHead && h('thead', {}, render(rows[0], 'th')),
      h(
        'tbody',
        {},
        rows.slice(hasHead ? 1 : 0).map((row) => render(row, 'td')),
      ),
    ),
  );
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, label, url, bold, bold2, italic, strike, shortcode] = match;
    nodes.push(withDrawnEmoji(text.slice(from, match.index)));
    from = match.index + whole.length;
    if (code !== undefined) nodes.push(h('code', { class: 'inline-code' }, code));
    else if (label !== undefined) nodes.push(link(url, inline(label)));
    else if (bold !== undefined || bold2 !== undefined) nodes.push(h('strong', {}, inline(bold ?? bold2)));
    else if (italic !== undefined) nodes.push(h('em', {}, inline(italic)));
    else if (strike !== undefined) nodes.push(h('s', {}, inline(strike)));
    else nodes.push(emoji(shortcode));
  }
  nodes.push(withDrawnEmoji(text.slice(from)));
  return nodes;
}
