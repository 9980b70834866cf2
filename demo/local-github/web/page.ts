import type { Repository } from '../repository.ts';
import { type Answer, answerText } from '../router.ts';

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export type Crumb = { text: string; href: string };

export function repositoryCrumbs(repository: Repository): Crumb[] {
  return [
    { text: repository.owner, href: '/' },
    { text: repository.name, href: repository.urls.web },
  ];
}

/** One page: a slim bar with the path to here, then `main` (HTML, already escaped). */
export function answerPage(title: string, crumbs: readonly Crumb[], main: string, status = 200): Answer {
  const path = crumbs
    .map((crumb) => `<a href="${escapeHtml(crumb.href)}">${escapeHtml(crumb.text)}</a>`)
    .join('<span class="slash">/</span>');
  return answerText(
    status,
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head>
<body><header><svg width="22" height="22" viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="M5 3.25a.75.75 0 1 1-1.5 0 .75.75 0 0 1 1.5 0Zm0 9.5a.75.75 0 1 1-1.5 0 .75.75 0 0 1 1.5 0Zm7.5-6.5a.75.75 0 1 1-1.5 0 .75.75 0 0 1 1.5 0ZM5 5.37A2.25 2.25 0 1 0 3.5 5.37v5.26a2.25 2.25 0 1 0 1.5 0V9.5h3.75A2.75 2.75 0 0 0 11.5 6.9V8.37a2.25 2.25 0 1 0-1.5 0"/></svg>
<nav>${path}</nav><span class="local">local code host</span></header><main>${main}</main></body></html>`,
    'text/html; charset=utf-8',
  );
}

/** How long ago, for people; the exact time is in the tooltip. */
export function timeTag(iso: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000));
  const steps: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  const step = steps.find(([size]) => seconds >= size);
  const count = step === undefined ? 0 : Math.floor(seconds / step[0]);
  const text = step === undefined ? 'just now' : `${count} ${step[1]}${count === 1 ? '' : 's'} ago`;
  return `<time datetime="${escapeHtml(iso)}" title="${escapeHtml(iso)}">${text}</time>`;
}

const style = `
:root{--fg:#1f2328;--muted:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--link:#0969da;--bg:#fff;--add:#dafbe1;--del:#ffebe9;
--addn:#aceebb;--deln:#ffcecb;--hunk:#ddf4ff;--open:#1a7f37;--merged:#8250df;--closed:#cf222e;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
*{box-sizing:border-box}body{margin:0;font:14px/1.5 -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--fg);background:var(--bg)}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
header{display:flex;gap:12px;align-items:center;padding:14px 24px;background:var(--soft);border-bottom:1px solid var(--line)}
header nav a{font-weight:600;color:var(--fg)}.slash{color:var(--muted);margin:0 6px}.local{margin-left:auto;color:var(--muted);font-size:12px}
main{max-width:1180px;margin:24px auto;padding:0 24px}h1{font-size:24px;font-weight:400;margin:0 0 8px}h1 .n{color:var(--muted)}
h2{font-size:16px;margin:24px 0 8px}.muted{color:var(--muted)}.meta{display:flex;gap:8px;align-items:center;flex-wrap:wrap;color:var(--muted);padding-bottom:16px;border-bottom:1px solid var(--line);margin-bottom:16px}
.state{color:#fff;border-radius:2em;padding:4px 12px;font-weight:500}.open{background:var(--open)}.merged{background:var(--merged)}.closed{background:var(--closed)}
.ref{font:12px var(--mono);background:#ddf4ff;color:var(--link);border-radius:6px;padding:2px 6px}
.box{border:1px solid var(--line);border-radius:6px;margin-bottom:16px;overflow:hidden}.box>.top{background:var(--soft);border-bottom:1px solid var(--line);padding:8px 16px;display:flex;gap:12px;align-items:center}
.box>.top .path{font:12px var(--mono);font-weight:600}.box>.body{padding:16px}.right{margin-left:auto}
.plus{color:var(--open);font-weight:600}.minus{color:var(--closed);font-weight:600}
ul.rows{list-style:none;margin:0;padding:0}ul.rows li{padding:8px 16px;border-top:1px solid var(--line);display:flex;gap:12px;align-items:center}.icon{width:16px;height:16px;flex:none}.folder{fill:#54aeff}.file{fill:none;stroke:var(--muted)}ul.rows li:first-child{border-top:0}
.sha{font:12px var(--mono)}.ok{border-left:4px solid var(--merged);padding:12px 16px;background:var(--soft);border-radius:6px;margin-bottom:16px}
table.code{border-collapse:collapse;width:100%;font:12px/20px var(--mono);tab-size:4}table.code td{padding:0 10px;white-space:pre-wrap;overflow-wrap:anywhere;vertical-align:top}
table.code td.num{width:1%;min-width:44px;color:var(--muted);text-align:right;user-select:none;white-space:nowrap}table.code td.num a{color:inherit}
tr.add td{background:var(--add)}tr.add td.num{background:var(--addn)}tr.del td{background:var(--del)}tr.del td.num{background:var(--deln)}tr.hunk td{background:var(--hunk);color:var(--muted)}
tr:target td{background:#fff8c5}
.md{overflow-wrap:anywhere}.md h1,.md h2,.md h3{font-size:16px;font-weight:600;margin:16px 0 8px;border:0}.md>:first-child{margin-top:0}.md>:last-child{margin-bottom:0}
.md code{font:12px var(--mono);background:#818b981f;border-radius:6px;padding:2px 5px}.md pre,pre.message{font:12px/1.45 var(--mono);background:var(--soft);border-radius:6px;padding:12px;overflow:auto;white-space:pre-wrap}
.md pre code{background:none;padding:0}.md blockquote{margin:0;padding-left:12px;border-left:3px solid var(--line);color:var(--muted)}
.md table{border-collapse:collapse}.md td,.md th{border:1px solid var(--line);padding:4px 10px;text-align:left}
@media (prefers-color-scheme:dark){:root{--fg:#f0f6fc;--muted:#9198a1;--line:#3d444d;--soft:#151b23;--link:#4493f8;--bg:#0d1117;--add:#12261e;--del:#301a1e;--addn:#1c4428;--deln:#542426;--hunk:#121d2f}.ref{background:#121d2f}tr:target td{background:#3b2e0a}}
`;
