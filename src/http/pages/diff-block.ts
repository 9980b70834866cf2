import { type Html, html } from './html.ts';

/** A unified diff, coloured by its own first characters. */
export function diffBlock(diff: string): Html {
  if (diff.trim() === '') return html`<p class="soft">No file changes.</p>`;
  const lines = diff.replace(/\n$/, '').split('\n');
  return html`<pre class="diff">${lines.map((line) => html`<span class="${kindOf(line)}">${line === '' ? ' ' : line}</span>`)}</pre>`;
}

function kindOf(line: string): string {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|similarity|rename|old mode|new mode)/.test(line))
    return 'file';
  if (line.startsWith('@@')) return 'hunk';
  if (line.startsWith('+')) return 'add';
  return line.startsWith('-') ? 'del' : 'same';
}
