import type { RecordedAlert } from './alert.ts';
import { alertName, alertSummary } from './alert.ts';
import type { Approval } from './approval.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { serviceOf } from './grouping.ts';
import type { Incident } from './incident.ts';
import type { Investigation, InvestigatorName } from './investigation.ts';
import { knownLink } from './known-links.ts';
import { looksLikeStep } from './past-incident.ts';
import type { PeerQuestion } from './peer-question.ts';
import type { Plan } from './plan.ts';
import type {
  AgentView,
  EvidenceRef,
  FindingView,
  IncidentView,
  PeerLine,
  PeerQuestionView,
  PlanView,
  RootCauseView,
  SpentView,
} from './room.ts';
import type { RootCause } from './root-cause.ts';
import type { Catalogue } from './service.ts';

/** Rows to what the room shows. Pure, so that a card is the same whichever stage drew it last. */

export function incidentView(rows: {
  incident: Incident;
  alerts: readonly RecordedAlert[];
  investigations: readonly Investigation[];
  findings: readonly Finding[];
  rootCause: RootCause | undefined;
  plan: Plan | undefined;
  spent?: readonly Spent[];
  investigator: InvestigatorName;
  /** Says which service an alert is about, as grouping does. */
  catalogue: Catalogue;
  /** Hosts that an alert's own link may lead to. */
  linkHosts: readonly string[];
}): IncidentView {
  const { incident, rootCause, plan, catalogue } = rows;
  return {
    view: 'incident',
    incidentId: incident.id,
    title: incident.title,
    severity: incident.severity,
    status: incident.status,
    openedAt: incident.openedAt.toISOString(),
    resolvedAt: incident.resolvedAt?.toISOString() ?? null,
    alerts: latestEpisodes(rows.alerts).map((alert) => ({
      name: alertName(alert),
      service: serviceOf(alert, catalogue),
      summary: alertSummary(alert),
      firing: alert.status === 'firing',
      url: knownLink(alert.generatorUrl, rows.linkHosts, catalogue),
    })),
    agents: rows.investigations.map((investigation) => ({
      service: investigation.service,
      role: investigation.role,
      state: investigation.state,
      verdict: verdictOf(rows.findings.filter((finding) => finding.service === investigation.service)),
    })),
    rootCause: rootCause === undefined ? null : rootCause.statement,
    fix: plan === undefined ? null : fixLine(plan),
    ...looksLike(rows.investigations),
    spent: spentView(rows.spent ?? []),
    investigator: rows.investigator,
  };
}

/** Who looked best at what it resembles: the suspect of the highest score comes first. */
function looksLike(investigations: readonly Investigation[]): Pick<IncidentView, 'similar'> {
  const [step] = investigations.flatMap((one) => one.steps.filter(({ key }) => key === looksLikeStep));
  return step === undefined ? {} : { similar: step.text };
}

export function agentView(
  investigation: Investigation,
  findings: readonly Finding[],
  fallback: InvestigatorName,
  questions: readonly PeerQuestion[] = [],
  spent: readonly Spent[] = [],
): AgentView {
  return {
    view: 'agent',
    service: investigation.service,
    role: investigation.role,
    state: investigation.state,
    investigator: investigation.investigator ?? fallback,
    reasons: investigation.reasons,
    steps: investigation.steps,
    limits: investigation.limits,
    peers: questions.flatMap(({ from, to, text, answer }): PeerLine[] => {
      const said = answer === null ? null : { verdict: answer.verdict, text: answer.text };
      if (from === investigation.service) return [{ peer: to, asked: 'it', text, answer: said }];
      return to === investigation.service ? [{ peer: from, asked: 'peer', text, answer: said }] : [];
    }),
    reasoning: investigation.reasoning ?? null,
    spent: spentView(spent),
    verdict: verdictOf(findings),
  };
}

/** A line an agent, as rows have it. */
interface Spent {
  readonly turns: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly dollars: number | null;
  readonly unpriced: number;
  readonly estimated: number;
}

function spentView(lines: readonly Spent[]): SpentView | null {
  const sum = (of: (one: Spent) => number): number => lines.reduce((total, one) => total + of(one), 0);
  const turns = sum((one) => one.turns);
  if (turns === 0) return null;
  const input = sum((one) => one.inputTokens + one.cachedTokens);
  const unpriced = sum((one) => one.unpriced);
  return {
    turns,
    tokens: input + sum((one) => one.outputTokens),
    cachedPercent: input === 0 ? 0 : Math.round((100 * sum((one) => one.cachedTokens)) / input),
    dollars: lines.every((one) => one.dollars === null) ? null : sum((one) => one.dollars ?? 0),
    isEstimate: unpriced + sum((one) => one.estimated) > 0,
  };
}

export function peerQuestionView(question: PeerQuestion, evidence: readonly Evidence[]): PeerQuestionView {
  const { incidentId, from, to, text, answer } = question;
  return {
    view: 'peer-question',
    incidentId,
    from,
    to,
    text,
    evidence: evidenceRefs(question.evidence, evidence),
    answer:
      answer === null
        ? null
        : {
            verdict: answer.verdict,
            text: answer.text,
            evidence: evidenceRefs(answer.evidence, evidence),
          },
  };
}

export function findingView(finding: Finding, evidence: readonly Evidence[]): FindingView {
  return {
    view: 'finding',
    incidentId: finding.incidentId,
    service: finding.service,
    kind: finding.kind,
    text: finding.text,
    confidence: finding.confidence,
    evidence: evidenceRefs(finding.evidence, evidence),
  };
}

export function rootCauseView(
  rootCause: RootCause,
  evidence: readonly Evidence[],
  commitUrl: string | null,
  investigator: InvestigatorName,
): RootCauseView {
  return {
    view: 'root-cause',
    incidentId: rootCause.incidentId,
    outcome: rootCause.outcome,
    service: rootCause.service,
    commit: rootCause.commit === null ? null : { ...rootCause.commit, url: commitUrl },
    statement: rootCause.statement,
    path: rootCause.path,
    evidence: evidenceRefs(rootCause.evidence, evidence),
    ruledOut: rootCause.ruledOut,
    nextChecks: rootCause.nextChecks,
    open: rootCause.open ?? [],
    investigator,
  };
}

export function planView(
  rows: { plan: Plan; approvals: readonly Approval[]; evidence: readonly Evidence[] } & Pick<
    PlanView,
    | 'approvers'
    | 'secondsLeft'
    | 'needed'
    | 'refused'
    | 'whyAsked'
    | 'progress'
    | 'undoable'
    | 'renewable'
    | 'halted'
    | 'breakGlass'
  >,
): PlanView {
  const { plan, approvals, evidence, ...said } = rows;
  return {
    ...said,
    view: 'plan',
    planId: plan.id,
    canonical: plan.canonical,
    digest: plan.digest,
    nonce: plan.nonce,
    state: plan.state,
    expiresAt: plan.expiresAt.toISOString(),
    runsAt: plan.state === 'announced' ? (plan.runsAt?.toISOString() ?? null) : null,
    decisions: approvals.map(({ userId, decision, inNameOf, at, reason }) => ({
      by: userId,
      decision,
      inNameOf,
      at: at.toISOString(),
      reason,
    })),
    evidence: evidenceRefs(plan.body.evidence, evidence),
  };
}

/** One row per episode: the resolved one where there is one. */
export function latestEpisodes(alerts: readonly RecordedAlert[]): RecordedAlert[] {
  const episodes = new Map<string, RecordedAlert>();
  for (const alert of alerts) {
    const key = `${alert.fingerprint} ${alert.startsAt.toISOString()}`;
    if (!episodes.has(key) || alert.status === 'resolved') episodes.set(key, alert);
  }
  return [...episodes.values()];
}

/** Two agents often see one thing from both sides; a card shows it once, under its first number. */
function evidenceRefs(numbers: readonly number[], evidence: readonly Evidence[]): EvidenceRef[] {
  const shown = new Set<string>();
  return [...numbers]
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const row = evidence.find((one) => one.number === number);
      if (row === undefined || shown.has(`${row.kind} ${row.summary}`)) return [];
      shown.add(`${row.kind} ${row.summary}`);
      return [{ number, kind: row.kind, title: row.title, summary: row.summary }];
    });
}

const weight = { cause: 4, blame: 3, symptom: 2, partial: 1, healthy: 0 } as const;

function verdictOf(findings: readonly Finding[]): string | null {
  const [best] = [...findings].sort((a, b) => weight[b.kind] - weight[a.kind] || b.confidence - a.confidence);
  return best?.text ?? null;
}

function fixLine(plan: Plan): string {
  const what = plan.body.remedies.map((remedy) => remedy.preview.summary).join('; ');
  const became: Readonly<Record<Plan['state'], string>> = {
    announced: 'runs by itself unless somebody stops it',
    pending: 'waiting for approval',
    approved: 'approved, starting',
    rejected: 'rejected',
    expired: 'expired without a decision',
    void: 'void',
    executing: 'running',
    executed: 'done, being verified',
    verified: 'done and verified',
    unverified: 'done; whether it helped could not be measured',
    undoing: 'being taken back',
    'rolled-back': 'rolled back',
    failed: 'failed',
  };
  return `${what} (${became[plan.state]})`;
}
