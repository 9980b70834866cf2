import { z } from 'zod';
import type { Json } from '../../platform/canonical-json.ts';
import { diffBlock } from './diff-block.ts';
import { type Html, html } from './html.ts';
import { type ChartSeries, metricChart } from './metric-chart.ts';
import { isObject, plainView } from './plain-view.ts';
import { spanTrees } from './span-tree.ts';

const text = z.coerce.string();
const time = z.union([z.string(), z.number()]);

const seriesSchema = z.object({
  series: z.array(
    z.object({
      name: z.string().nullish(),
      labels: z.record(z.string(), z.string()).nullish(),
      times: z.array(time),
      values: z.array(z.number().nullable()),
    }),
  ),
  onset: time.nullish(),
});
const linesSchema = z.object({
  lines: z.array(z.object({ at: time.nullish(), level: z.string().catch('unknown'), text })).optional(),
  templates: z
    .array(z.object({ text, count: z.number().nullish(), baseline: z.number().nullish() }))
    .optional(),
});
const spansSchema = z.object({
  spans: z.array(
    z.object({
      traceId: z.string().catch(''),
      spanId: z.string(),
      parentId: z.string().nullish(),
      service: z.string(),
      operation: z.string().catch(''),
      startUs: z.number(),
      durationUs: z.number(),
      error: z.boolean().catch(false),
      errorText: z.string().nullish(),
    }),
  ),
});
const commitSchema = z.object({
  sha: z.string(),
  subject: z.string().catch(''),
  author: z.string().catch(''),
  at: time.nullish(),
});
const changeSchema = z.object({ commit: commitSchema, diff: z.string().nullish() });
const commitsSchema = z.object({ commits: z.array(commitSchema).min(1) });
const checkSchema = z.object({
  output: z.string(),
  exitCode: z.number().nullish(),
  command: z.union([z.string(), z.array(z.string())]).nullish(),
});

/** Views by what the data holds, not by the kind of evidence, with the members that each of them shows. */
const views: readonly {
  readonly members: readonly string[];
  readonly view: (data: Json) => Html | undefined;
}[] = [
  { members: ['series', 'onset'], view: chartView },
  // `bursts` are for charts.
  { members: ['lines', 'templates', 'bursts'], view: logView },
  // `tree` is the same trace once more, drawn for a model to read.
  { members: ['spans', 'tree'], view: traceView },
  { members: ['commit', 'diff'], view: changeView },
  { members: ['commits'], view: commitsView },
  { members: ['output', 'exitCode', 'command'], view: checkView },
];

/** What no view knows is shown plainly, and the whole as JSON for whoever wants to compute with it. */
export function evidenceData(data: Json): Html {
  const shown: Html[] = [];
  const known = new Set<string>();
  for (const { members, view } of views) {
    const part = view(data);
    if (part === undefined) continue;
    shown.push(part);
    for (const member of members) known.add(member);
  }
  const json = JSON.stringify(data, null, 2);
  if (!isObject(data)) return html`<pre class="wrap">${json}</pre>`;
  if (Object.keys(data).length === 0) return html`<p class="soft">There is no data to show.</p>`;
  const rest = Object.fromEntries(Object.entries(data).filter(([member]) => !known.has(member)));
  return html`${shown}${plainView(rest)}<details><summary>Raw data</summary><pre class="wrap">${json}</pre></details>`;
}

function chartView(data: Json): Html | undefined {
  const parsed = seriesSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const series = parsed.data.series.map(
    (one, index): ChartSeries => ({
      name: one.name ?? labelText(one.labels ?? {}) ?? `series ${index + 1}`,
      times: one.times.map((at) => secondsOf(at) ?? 0),
      // No scale holds both these and anything else.
      values: one.values.map((value) => (value !== null && Math.abs(value) > 1e100 ? null : value)),
    }),
  );
  const onset = secondsOf(parsed.data.onset) ?? null;
  return html`${chartsOf(series).map((group) => html`<div class="card">${metricChart(group, onset)}</div>`)}`;
}

/** One chart where the series can share a scale; else one each, or the small ones would lie flat on the ground. */
function chartsOf(series: readonly ChartSeries[]): (readonly ChartSeries[])[] {
  const heights = series.map((one) =>
    one.values.reduce((high: number, value) => Math.max(high, Math.abs(value ?? 0)), 0),
  );
  const tallest = Math.max(...heights, 0);
  const sharable = heights.every((height) => height === 0 || height * 20 >= tallest);
  return sharable ? [series] : series.map((one) => [one]);
}

function logView(data: Json): Html | undefined {
  const parsed = linesSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { lines = [], templates = [] } = parsed.data;
  if (lines.length === 0 && templates.length === 0) return undefined;
  return html`${
    templates.length === 0
      ? null
      : html`<div class="card"><h3>Patterns</h3><div class="scroll"><table><thead><tr><th>pattern</th><th class="num">before</th><th class="num">now</th></tr></thead>
<tbody>${templates.map(
          (one) =>
            html`<tr><td><code>${one.text}</code></td><td class="num">${one.baseline ?? '–'}</td><td class="num"><b>${one.count ?? '–'}</b></td></tr>`,
        )}</tbody></table></div></div>`
  }${
    lines.length === 0
      ? null
      : html`<div class="card"><h3>Lines</h3><ul class="log">${lines.map((line) => {
          const level = line.level.toLowerCase().replace(/[^a-z]/g, '');
          return html`<li><time>${clockOf(line.at)}</time><span class="level-${level}">${line.level}</span><span class="text">${line.text}</span></li>`;
        })}</ul></div>`
  }`;
}

function traceView(data: Json): Html | undefined {
  const parsed = spansSchema.safeParse(data);
  if (!parsed.success || parsed.data.spans.length === 0) return undefined;
  return spanTrees(
    parsed.data.spans.map((span) => ({
      ...span,
      parentId: span.parentId ?? null,
      errorText: span.errorText ?? null,
    })),
  );
}

function changeView(data: Json): Html | undefined {
  const parsed = changeSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { commit, diff } = parsed.data;
  return html`<div class="card"><h3>${commit.subject}</h3>
<p class="facts"><span><code>${commit.sha.slice(0, 12)}</code></span><span>${commit.author}</span><span>${dateOf(commit.at)}</span></p>
${diff == null ? null : diffBlock(diff)}</div>`;
}

function commitsView(data: Json): Html | undefined {
  const parsed = commitsSchema.safeParse(data);
  if (!parsed.success) return undefined;
  return html`<div class="card scroll"><table><thead><tr><th>commit</th><th>subject</th><th>author</th><th>at</th></tr></thead>
<tbody>${parsed.data.commits.map(
    (one) =>
      html`<tr><td><code>${one.sha.slice(0, 12)}</code></td><td>${one.subject}</td><td>${one.author}</td><td>${dateOf(one.at)}</td></tr>`,
  )}</tbody></table></div>`;
}

function checkView(data: Json): Html | undefined {
  const parsed = checkSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { output, exitCode, command } = parsed.data;
  const line = Array.isArray(command) ? command.join(' ') : command;
  const passed = exitCode === 0;
  return html`<div class="card"><p>${line == null ? null : html`<code>$ ${line}</code> `}<span class="chip ${passed ? 'good' : 'bad'}">${
    exitCode == null ? 'did not end by itself' : passed ? 'passed (exit 0)' : `failed (exit ${exitCode})`
  }</span></p><pre class="wrap">${output === '' ? '(no output)' : output}</pre></div>`;
}

function secondsOf(at: string | number | null | undefined): number | undefined {
  if (at === null || at === undefined) return undefined;
  const seconds = typeof at === 'string' ? Date.parse(at) / 1000 : at > 1e11 ? at / 1000 : at;
  return Number.isFinite(seconds) && Math.abs(seconds) < 8e12 ? seconds : undefined;
}

function isoOf(at: string | number | null | undefined): string {
  const seconds = secondsOf(at);
  return seconds === undefined ? '' : new Date(seconds * 1000).toISOString();
}

function clockOf(at: string | number | null | undefined): string {
  return isoOf(at).slice(11, 23);
}

function dateOf(at: string | number | null | undefined): string {
  return isoOf(at).slice(0, 19).replace('T', ' ');
}

function labelText(labels: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? undefined : pairs.join(' ');
}
