import { h } from './dom.js';

const FOLDED_LINES = 24;

/** True for unified diffs, and for fragments whose lines are all added, removed, context or hunk heads. */
export function isDiff(text) {
  if (/^(diff --git |@@ .*@@)/m.test(text)) return true;
  if (/^--- /m.test(text) && /^\+\+\+ /m.test(text)) return true;
  const lines = text.split('\n').filter((line) => line.length > 0);
  return (
    lines.some((line) => line.startsWith('+')) &&
    lines.some((line) => line.startsWith('-')) &&
    lines.every((line) => /^[-+ @\\]/.test(line))
  );
}

/** A preformatted block; diffs are coloured by line, long ones can be unfolded. */
export function codeBlock(text) {
  const body = text.replace(/^\n|\n$/g, '');
  const lines = body.split('\n');
  const diff = isDiff(body);
  const code = diff ? lines.map(diffLine) : [body];
  const block = h('pre', { class: diff ? 'code diff' : 'code', tabindex: '0' }, h('code', {}, code));
  if (lines.length <= FOLDED_LINES + 4) return block;
  block.classList.add('folded');
  const toggle = h(
    'button',
    {
      class: 'unfold',
      type: 'button',
      'aria-expanded': 'false',
      on: {
        click: () => {
          const folded = block.classList.toggle('folded');
          toggle.setAttribute('aria-expanded', String(!folded));
          toggle.textContent = folded ? `Show all ${lines.length} lines` : 'Show less';
        },
      },
    },
    `Show all ${lines.length} lines`,
  );
  return h('div', { class: 'code-fold' }, block, toggle);
}

function diffLine(line) {
  const kind = /^(diff |index |--- |\+\+\+ )/.test(line)
    ? 'file'
    : line.startsWith('@@')
      ? 'hunk'
      : line.startsWith('+')
        ? 'add'
        : line.startsWith('-')
          ? 'del'
          : 'same';
  return h('span', { class: `diff-line diff-${kind}` }, line === '' ? ' ' : line);
}
