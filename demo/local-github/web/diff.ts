import type { FileChange } from '../commit-view.ts';
import { escapeHtml } from './page.ts';

/** Changed files with coloured hunks and both line numbers. */
export function renderFiles(files: readonly FileChange[], blobBase: string): string {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const count = `${files.length} changed file${files.length === 1 ? '' : 's'}`;
  const summary = `<h2>${count} <span class="plus">+${additions}</span> <span class="minus">−${deletions}</span></h2>`;
  return summary + files.map((file) => renderFile(file, blobBase)).join('');
}

function renderFile(file: FileChange, blobBase: string): string {
  const name =
    file.previousFilename === undefined ? file.filename : `${file.previousFilename} → ${file.filename}`;
  const view =
    file.status === 'removed'
      ? ''
      : `<a href="${blobBase}/${escapeHtml(encodeURI(file.filename))}">View file</a>`;
  const body =
    file.patch === undefined
      ? `<div class="body muted">No lines to show (${file.status}).</div>`
      : `<table class="code">${renderPatch(file.patch)}</table>`;
  return `<div class="box"><div class="top"><span class="path">${escapeHtml(name)}</span>
<span class="plus">+${file.additions}</span><span class="minus">−${file.deletions}</span>
<span class="right">${view}</span></div>${body}</div>`;
}

function renderPatch(patch: string): string {
  let before = 0;
  let after = 0;
  const rows: string[] = [];
  for (const line of patch.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    const text = escapeHtml(line);
    if (hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      rows.push(row('hunk', '', '', text));
    } else if (line.startsWith('+')) {
      rows.push(row('add', '', String(after++), text));
    } else if (line.startsWith('-')) {
      rows.push(row('del', String(before++), '', text));
    } else if (line.startsWith('\\')) {
      rows.push(row('hunk', '', '', text));
    } else {
      rows.push(row('', String(before++), String(after++), text));
    }
  }
  return rows.join('');
}

function row(kind: string, before: string, after: string, text: string): string {
  return `<tr class="${kind}"><td class="num">${before}</td><td class="num">${after}</td><td>${text}</td></tr>`;
}
