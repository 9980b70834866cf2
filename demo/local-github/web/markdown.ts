import { escapeHtml } from './page.ts';

/** The Markdown that pull request bodies are written in: headings, lists, fences, tables, quotes, links, emphasis. */
export function renderMarkdown(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const html: string[] = [];
  let at = 0;
  const takeWhile = (pattern: RegExp): string[] => {
    const taken: string[] = [];
    while (at < lines.length && pattern.test(lines[at] ?? '')) {
      taken.push(lines[at] ?? '');
      at += 1;
    }
    return taken;
  };

  while (at < lines.length) {
    const line = lines[at] ?? '';
    const fence = /^(`{3,}|~{3,})/.exec(line)?.[1];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (fence !== undefined) {
      at += 1;
      const code: string[] = [];
      while (at < lines.length && !(lines[at] ?? '').startsWith(fence)) code.push(lines[at++] ?? '');
      at += 1;
      html.push(`<pre><code>${escapeHtml(code.join('\n'))}</code></pre>`);
    } else if (heading !== null) {
      const level = Math.min(heading[1]?.length ?? 1, 3);
      html.push(`<h${level}>${renderInline(heading[2] ?? '')}</h${level}>`);
      at += 1;
    } else if (/^\s*[-*]\s/.test(line)) {
      const items = takeWhile(/^\s*[-*]\s/).map((item) => item.replace(/^\s*[-*]\s+/, ''));
      html.push(`<ul>${items.map((item) => `<li>${renderInline(item)}</li>`).join('')}</ul>`);
    } else if (/^\s*\d+\.\s/.test(line)) {
      const items = takeWhile(/^\s*\d+\.\s/).map((item) => item.replace(/^\s*\d+\.\s+/, ''));
      html.push(`<ol>${items.map((item) => `<li>${renderInline(item)}</li>`).join('')}</ol>`);
    } else if (line.startsWith('>')) {
      const quoted = takeWhile(/^>/).map((part) => renderInline(part.replace(/^>\s?/, '')));
      html.push(`<blockquote>${quoted.join('<br>')}</blockquote>`);
    } else if (/^\|.*\|\s*$/.test(line)) {
      html.push(renderTable(takeWhile(/^\|.*\|\s*$/)));
    } else if (line.trim() === '') {
      at += 1;
    } else {
      const first = renderInline(line);
      at += 1;
      const rest = takeWhile(/^(?!\s*$|#{1,6}\s|[-*]\s|>|\||`{3}|~{3}|\d+\.\s)/).map(renderInline);
      html.push(`<p>${[first, ...rest].join('<br>')}</p>`);
    }
  }
  return `<div class="md">${html.join('\n')}</div>`;
}

function renderTable(rows: readonly string[]): string {
  const cells = rows
    .filter((row) => !/^\|[\s:|-]+\|\s*$/.test(row))
    .map((row) => row.trim().slice(1, -1).split('|'));
  const [head, ...body] = cells.map((row, index) => {
    const tag = index === 0 ? 'th' : 'td';
    return `<tr>${row.map((cell) => `<${tag}>${renderInline(cell.trim())}</${tag}>`).join('')}</tr>`;
  });
  return `<table>${head ?? ''}${body.join('')}</table>`;
}

/** Code spans are cut out first, so that nothing inside them is read as markup. */
function renderInline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.length > 2 && part.startsWith('`') && part.endsWith('`')
        ? `<code>${escapeHtml(part.slice(1, -1))}</code>`
        : renderWords(part),
    )
    .join('');
}

function renderWords(text: string): string {
  return escapeHtml(text)
    .replace(/\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g, '<a href="$2">$1</a>')
    .replace(/(^|[\s(])(https?:\/\/[^\s<)]+)/g, '$1<a href="$2">$2</a>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1<em>$2</em>');
}
