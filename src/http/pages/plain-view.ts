import type { Json } from '../../platform/canonical-json.ts';
import { type Html, html } from './html.ts';

type JsonObject = { readonly [key: string]: Json };

const maxColumns = 10;
const maxRows = 200;

/** Members of which no view of their own is known: rows as a table, lists as a list, long text as it stands. */
export function plainView(data: JsonObject): Html[] {
  const small: (readonly [string, Json])[] = [];
  const large: Html[] = [];
  for (const [key, value] of Object.entries(data)) {
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    if (isShort(value)) small.push([key, value]);
    else large.push(html`<div class="card"><h3>${wordsOf(key)}</h3>${bodyOf(value)}</div>`);
  }
  const facts = small.map(([key, value]) => html`<span>${wordsOf(key)} <b>${cellText(value)}</b></span>`);
  return [...(facts.length === 0 ? [] : [html`<p class="facts">${facts}</p>`]), ...large];
}

function bodyOf(value: Json): Html {
  if (typeof value === 'string') return html`<pre class="wrap">${value}</pre>`;
  if (isList(value) && value.every((one) => typeof one === 'string' || typeof one === 'number'))
    return html`<ul class="small">${value.slice(0, maxRows).map((one) => html`<li>${one}</li>`)}</ul>`;
  if (isList(value) && value.every(isObject)) return tableOf(value);
  return html`<pre class="wrap">${JSON.stringify(value, null, 2)}</pre>`;
}

function tableOf(rows: readonly JsonObject[]): Html {
  const shown = rows.slice(0, maxRows);
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))].slice(0, maxColumns);
  const numeric = new Set(
    columns.filter((name) => shown.every((row) => typeof (row[name] ?? 0) === 'number')),
  );
  const align = (name: string): string => (numeric.has(name) ? 'num' : '');
  return html`<div class="scroll"><table><thead><tr>${columns.map(
    (name) => html`<th class="${align(name)}">${wordsOf(name)}</th>`,
  )}</tr></thead><tbody>${shown.map(
    (row) =>
      html`<tr>${columns.map((name) => html`<td class="${align(name)}">${cellText(row[name])}</td>`)}</tr>`,
  )}</tbody></table></div>${rows.length > shown.length ? html`<p class="soft small">and ${rows.length - shown.length} more</p>` : null}`;
}

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return '–';
  if (isList(value) && value.every((one) => typeof one === 'string')) return value.join(' → ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `callsBefore` → `calls before` */
function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

function isShort(value: Json): boolean {
  return typeof value === 'string' ? value.length <= 80 && !value.includes('\n') : typeof value !== 'object';
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
