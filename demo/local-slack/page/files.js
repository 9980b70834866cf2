import { codeBlock } from './code.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { state } from './store.js';

const PREVIEW_CHARACTERS = 20_000;

/** Renders a message's files: images as images, text as text, the rest as a link. */
export function renderFiles(files) {
  return (files ?? []).map((file) => {
    const url = `/local/file/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name)}?user=${state.me.id}`;
    const head = h(
      'a',
      { class: 'file-head', href: url, target: '_blank', rel: 'noopener' },
      icon('file'),
      h('span', { class: 'file-name' }, file.title || file.name),
      h('small', {}, `${file.pretty_type || file.filetype || 'File'} · ${sizeOf(file.size)}`),
    );
    const body = h('div', { class: 'file-body' });
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype))
      body.append(h('img', { class: 'file-image', src: url, alt: file.alt_txt || file.title }));
    else if (
      /^text\/|json|javascript|yaml|xml/.test(file.mimetype) ||
      /\.(diff|patch|log|md|txt|ya?ml|ts|js|json)$/.test(file.name)
    ) {
      void showText(body, url);
    }
    return h('div', { class: 'file', data: { fileId: file.id } }, head, body);
  });
}

async function showText(body, url) {
  const response = await fetch(url);
  if (response.ok) body.append(codeBlock((await response.text()).slice(0, PREVIEW_CHARACTERS)));
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
