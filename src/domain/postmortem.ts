import { alertName, alertSummary, type RecordedAlert } from './alert.ts';
import type { Evidence } from './evidence.ts';
import { type Execution, receiptUrl } from './execution.ts';
import type { Incident } from './incident.ts';
import { inertText } from './inert-text.ts';
import type { Plan } from './plan.ts';
import { latestEpisodes } from './room-views.ts';
import type { RootCause } from './root-cause.ts';
import type { TimelineEntry } from './timeline.ts';

export interface PostmortemRows {
  readonly incident: Incident;
  readonly alerts: readonly RecordedAlert[];
  readonly evidence: readonly Evidence[];
  readonly rootCause: RootCause | undefined;
  readonly plans: readonly Plan[];
  readonly executions: readonly Execution[];
  readonly timeline: readonly TimelineEntry[];
  readonly evidenceUrl: (number: number) => string;
}

/**
 * A draft in Markdown, written from the record alone: what is not on record is left for people to fill in. What alerts,
 * logs, commits and models said is quoted so that nothing in it links; the links are ours.
 */
export function writePostmortem(rows: PostmortemRows): string {
  return [summary(rows), impact(rows), cause(rows), fix(rows), timeline(rows), people()].join('\n\n');
}

function summary({ incident, rootCause }: PostmortemRows): string {
  const end = incident.resolvedAt;
  const lasted = end === null ? 'still open' : duration(end.getTime() - incident.startedAt.getTime());
  return [
    `# Postmortem (draft): ${inertText(incident.title)}`,
    '',
    `**Severity** ${incident.severity.toUpperCase()} · **Started** ${clock(incident.startedAt)} · **Lasted** ${lasted} · **Services** ${inertText(incident.services.join(', '))}`,
    '',
    rootCause === undefined
      ? 'The cause was not established.'
      : `${inertText(rootCause.statement)} (${rootCause.outcome})`,
  ].join('\n');
}

function impact({ alerts }: PostmortemRows): string {
  const lines = latestEpisodes(alerts).map(
    (alert) =>
      `- ${inertText(alertName(alert))}: ${inertText(alertSummary(alert))} (from ${clock(alert.startsAt)}${alert.endsAt === undefined ? '' : ` to ${clock(alert.endsAt)}`})`,
  );
  return [
    '## Impact',
    '',
    ...(lines.length > 0 ? lines : ['- No alert belongs to it; it was declared by a person.']),
  ].join('\n');
}

function cause({ rootCause, evidence, evidenceUrl }: PostmortemRows): string {
  if (rootCause === undefined) return '## Root cause\n\n_To be written._';
  const cited = evidence
    .filter((row) => rootCause.evidence.includes(row.number))
    .filter(
      (row, at, all) => all.findIndex((one) => one.kind === row.kind && one.summary === row.summary) === at,
    );
  const commit = rootCause.commit;
  return [
    '## Root cause',
    '',
    inertText(rootCause.statement),
    ...(commit === null
      ? []
      : [
          '',
          `Commit \`${commit.sha.slice(0, 12)}\` by ${inertText(commit.author)}: ${inertText(commit.subject)}`,
        ]),
    '',
    ...cited.map(
      (row) => `- [Evidence ${row.number}](${evidenceUrl(row.number)}): ${inertText(row.summary)}`,
    ),
    ...(rootCause.ruledOut.length === 0
      ? []
      : ['', 'Ruled out:', ...rootCause.ruledOut.map((text) => `- ${inertText(text)}`)]),
  ].join('\n');
}

function fix({ plans, executions }: PostmortemRows): string {
  if (plans.length === 0) return '## Fix\n\nNo plan was carried out by Warroom.';
  const lines = plans.flatMap((plan) => {
    const execution = executions.find((one) => one.planId === plan.id);
    const what = inertText(plan.body.remedies.map((remedy) => remedy.preview.summary).join('; '));
    const reading =
      execution?.before === null || execution?.before === undefined
        ? []
        : [
            `  - ${inertText(plan.body.verification.alert)}: ${number(execution.before.value)} before, ${number(execution.after?.value ?? null)} after`,
          ];
    const url = execution === undefined ? null : receiptUrl(execution);
    const where = url === null ? [] : [`  - ${url}`];
    return [
      `- ${what.replace(/[.;:]+$/, '')}: **${plan.state}** (plan digest \`${plan.digest.slice(0, 12)}\`)`,
      ...reading,
      ...where,
    ];
  });
  return ['## Fix', '', ...lines].join('\n');
}

/** For the audit; the story of the incident is the same without them. */
const inRecordOnly = new Set(['plan.shown', 'plan.answered', 'plan.refused']);

function timeline({ timeline: entries }: PostmortemRows): string {
  const told = entries.filter((entry) => !inRecordOnly.has(entry.kind) && isTurningPoint(entry));
  return [
    '## Timeline (UTC)',
    '',
    ...told.map((entry) => `- ${clock(entry.at)} ${inertText(entry.text)}`),
  ].join('\n');
}

/** Healthy services and symptoms are in the record; the story is told by what was blamed. */
function isTurningPoint(entry: TimelineEntry): boolean {
  if (entry.kind !== 'finding.stated') return true;
  const { data } = entry;
  if (typeof data !== 'object' || data === null || !('claim' in data)) return true;
  return data.claim === 'blame' || data.claim === 'cause';
}

function people(): string {
  return [
    '## For the team to add',
    '',
    '- What users noticed, and how many of them:',
    '- What went well, what was luck:',
    '- What will keep this from happening again (owner, date):',
  ].join('\n');
}

function clock(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

function number(value: number | null): string {
  return value === null ? 'no data' : String(Number(value.toPrecision(3)));
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
