import { alertName, alertSummary } from '../../domain/alert.ts';
import type { Approval } from '../../domain/approval.ts';
import { type Execution, receiptSummary, receiptUrl } from '../../domain/execution.ts';
import type { Finding } from '../../domain/finding.ts';
import { firstBrokenLink } from '../../domain/timeline.ts';
import type { Links } from '../../platform/signed-links.ts';
import type { IncidentFile, ReadablePlan } from '../read-incident.ts';
import type { Reply } from '../route.ts';
import { diffBlock } from './diff-block.ts';
import { type Html, html } from './html.ts';
import { pageReply } from './layout.ts';
import { clockText, spanText, timeText } from './time-text.ts';

export function incidentPage(file: IncidentFile, links: Links): Reply {
  const { incident } = file;
  const ended = incident.resolvedAt;
  return pageReply(
    200,
    incident.title,
    html`<p class="eyebrow">Incident ${incident.id} · #${incident.channelName}</p>
<h1>${incident.title}</h1>
<p class="facts"><span class="chip ${ended === null ? 'bad' : 'good'}">${incident.status}</span><span class="chip">${incident.severity}</span>
<span>services <b>${incident.services.join(', ')}</b></span><span>began <b>${timeText(incident.startedAt)}</b></span>
${ended === null ? null : html`<span>over after <b>${spanText(ended.getTime() - incident.startedAt.getTime())}</b></span>`}</p>
${rootCauseSection(file, links)}
${section('Findings', findingCards(file.findings, links))}
${section(
  'Plans',
  file.plans.map((plan) => planCard(plan, file)),
)}
${section('Evidence', evidenceRows(file, links))}
${section('Alerts', alertRows(file))}
${section('Agents', agentRows(file))}
${timelineSection(file)}`,
  );
}

function section(title: string, content: readonly Html[] | Html | null): Html | null {
  const empty = content === null || (Array.isArray(content) && content.length === 0);
  return empty ? null : html`<section><h2>${title}</h2>${content}</section>`;
}

function rootCauseSection({ rootCause, incident }: IncidentFile, links: Links): Html | null {
  if (rootCause === null) return null;
  const tone = rootCause.outcome === 'confirmed' ? 'good' : rootCause.outcome === 'likely' ? 'warn' : '';
  const { commit, path, ruledOut, nextChecks } = rootCause;
  return html`<section><h2>Root cause <span class="chip ${tone}">${rootCause.outcome}</span></h2><div class="card">
<p class="lead">${rootCause.statement}</p>
${commit === null ? null : html`<p><code>${commit.sha.slice(0, 12)}</code> ${commit.subject} <span class="soft">by ${commit.author}</span></p>`}
${path.length < 2 ? null : html`<p class="soft">How it travelled: ${path.join(' → ')}</p>`}
${evidenceRefs(incident.id, rootCause.evidence, links)}
${listOf('Ruled out', ruledOut)}${listOf('Check next', nextChecks)}</div></section>`;
}

function listOf(title: string, items: readonly string[]): Html | null {
  return items.length === 0
    ? null
    : html`<p class="small soft">${title}</p><ul class="small">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function evidenceRefs(incidentId: string, numbers: readonly number[], links: Links): Html | null {
  return numbers.length === 0
    ? null
    : html`<ul class="refs">${numbers.map((number) => html`<li><a href="${links.evidence(incidentId, number)}">Evidence ${number}</a></li>`)}</ul>`;
}

const findingTone: Readonly<Record<Finding['kind'], string>> = {
  cause: 'bad',
  blame: 'warn',
  symptom: '',
  healthy: 'good',
  partial: '',
};

function findingCards(findings: readonly Finding[], links: Links): Html[] {
  return findings.map(
    (
      finding,
    ) => html`<div class="card"><h3>${finding.service} <span class="chip ${findingTone[finding.kind]}">${finding.kind}</span>
<span class="small soft">${Math.round(finding.confidence * 100)} %</span></h3>
<p>${finding.text}</p>${evidenceRefs(finding.incidentId, finding.evidence, links)}</div>`,
  );
}

function planCard(plan: ReadablePlan, file: IncidentFile): Html {
  const execution = file.executions.find((one) => one.planId === plan.id);
  const decisions = file.approvals.filter((one) => one.planId === plan.id);
  const { risk, remedies, verification } = plan.body;
  return html`<div class="card"><h3>${plan.body.service} <span class="chip">${plan.state}</span> <span class="chip ${risk.class === 'low' ? 'good' : risk.class === 'high' ? 'bad' : 'warn'}">${risk.class} risk</span></h3>
${remedies.map(
  ({ preview }) => html`<p>${preview.summary}</p>${diffBlock(preview.diff)}
${preview.notes.map((note) => html`<p class="small soft">${note}</p>`)}<p class="small soft">Undo: ${preview.undo}</p>`,
)}
<p class="small soft">Checked by <code>${verification.expression}</code></p>
<p class="small soft">Digest <code>${plan.digest}</code></p>
${decisions.map(
  (one) =>
    html`<p class="small">${decided[one.decision]} by <b>${one.userId}</b> at ${timeText(one.at)}${one.reason === null ? null : html`: ${one.reason}`}</p>`,
)}
${execution === undefined ? null : executionLine(execution)}</div>`;
}

const decided: Record<Approval['decision'], string> = {
  approve: 'Approved',
  reject: 'Rejected',
  'self-run': 'Let run',
  'break-glass': 'Glass broken',
};

function executionLine(execution: Execution): Html {
  const { before, after, error } = execution;
  const link = receiptUrl(execution);
  return html`<p class="small"><span class="chip">${execution.state}</span> ${receiptSummary(execution)} ${
    link !== null && /^https?:\/\//.test(link)
      ? html`<a href="${link}" rel="noreferrer noopener">open</a>`
      : null
  }${before === null ? null : html` · before <b>${numberText(before.value)}</b>`}${after === null ? null : html` · after <b>${numberText(after.value)}</b>`}
${error === null ? null : html`<br>${error}`}</p>`;
}

function numberText(value: number | null): string {
  return value === null ? 'no value' : Number(value.toPrecision(4)).toString();
}

function evidenceRows({ evidence, incident }: IncidentFile, links: Links): Html | null {
  if (evidence.length === 0) return null;
  return html`<ul class="card rows">${evidence.map(
    (
      one,
    ) => html`<li><span class="key">${one.number} · ${one.kind}</span><div><p><a href="${links.evidence(incident.id, one.number)}">${one.title}</a>
<span class="soft small">${one.service}</span></p><p class="small soft">${one.summary}</p></div></li>`,
  )}</ul>`;
}

function alertRows({ alerts, incident }: IncidentFile): Html | null {
  if (alerts.length === 0) return null;
  return html`<ul class="card rows">${alerts.map(
    (
      alert,
    ) => html`<li><time>${dayTime(alert.endsAt ?? alert.startsAt, incident.startedAt)}</time><div><p><b>${alertName(alert)}</b>
<span class="chip ${alert.status === 'firing' ? 'bad' : 'good'}">${alert.status}</span></p><p class="small soft">${alertSummary(alert)}</p></div></li>`,
  )}</ul>`;
}

function agentRows({ investigations }: IncidentFile): Html | null {
  if (investigations.length === 0) return null;
  return html`<ul class="card rows">${investigations.map(
    (one) => html`<li><span class="key">${one.service}</span><div><p>${one.role} · ${one.state}${
      one.investigator === null ? null : html` · ${one.investigator}`
    }${
      one.startedAt === null || one.finishedAt === null
        ? null
        : html` · ${spanText(one.finishedAt.getTime() - one.startedAt.getTime())}`
    }</p>
${one.reasons.length === 0 ? null : html`<p class="small soft">${one.reasons.join(' · ')}</p>`}
${one.ruledOut.map((excluded) => html`<p class="small soft">Ruled out: ${excluded}</p>`)}
${one.limits.map((limit) => html`<p class="small soft">Could not: ${limit}</p>`)}</div></li>`,
  )}</ul>`;
}

function timelineSection({ timeline, incident }: IncidentFile): Html | null {
  if (timeline.length === 0) return null;
  const broken = firstBrokenLink(timeline);
  return html`<section><h2>Timeline <span class="chip ${broken === null ? 'good' : 'bad'}">${
    broken === null ? 'hash chain holds' : `hash chain broken at entry ${broken}`
  }</span></h2><ul class="card rows">${timeline.map(
    (entry) =>
      html`<li><time>${dayTime(entry.at, incident.startedAt)}</time><div><p>${entry.text}</p><p class="small soft">${entry.actor} · ${entry.kind}</p></div></li>`,
  )}</ul></section>`;
}

/** The clock alone where the day goes without saying. */
function dayTime(at: Date, began: Date): string {
  return timeText(at).slice(0, 10) === timeText(began).slice(0, 10) ? clockText(at) : timeText(at);
}
