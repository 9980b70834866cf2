import type { IncidentOnWire } from './bot-process.ts';
import type { LocalPullRequest } from './local-github/local-github.ts';
import type { LocalSlack } from './local-slack/local-slack.ts';
import type { Injection } from './shop/inject-scenario.ts';
import type { Scenario } from './shop/scenario.ts';

/** What `--json` prints. Times in milliseconds; null where the story did not get that far. */
export function demoResult(seen: {
  scenario: Scenario;
  injection: Injection;
  file: IncidentOnWire;
  slack: LocalSlack;
  pullRequests: readonly LocalPullRequest[];
}) {
  const { scenario, injection, file, slack } = seen;
  const plan = file.plans[0];
  const execution = file.executions[0];
  const approval = file.approvals.at(-1);
  const alertAtMs = Math.min(...file.alerts.map((alert) => Date.parse(alert.receivedAt)));
  const channelAtMs = callTime(slack, 'conversations.create');
  const pull = seen.pullRequests.at(-1);
  const evidenceText = (numbers: readonly number[]) =>
    file.evidence
      .filter((row) => numbers.includes(row.number))
      .map((row) => ({ number: row.number, kind: row.kind, summary: row.summary }));
  return {
    scenario: scenario.name,
    investigator: file.investigations.find((one) => one.role === 'suspect')?.investigator ?? null,
    incident: { id: file.incident.id, channel: file.incident.channelName, status: file.incident.status },
    timings: {
      faultToAlertMs: alertAtMs - injection.at.getTime(),
      alertToChannelMs: channelAtMs === null ? null : channelAtMs - alertAtMs,
      channelToFirstFindingMs: channelAtMs === null ? null : firstFindingMs(slack, channelAtMs),
      alertToRootCauseMs: file.rootCause === null ? null : Date.parse(file.rootCause.at) - alertAtMs,
      approvalToExecutedMs: between(approval?.at, execution?.appliedAt),
      executedToResolvedMs: between(execution?.appliedAt, file.incident.resolvedAt),
    },
    suspects: file.investigations
      .filter((one) => one.role === 'suspect')
      .map((one) => ({ service: one.service, score: one.score, reasons: one.reasons })),
    findings: file.findings.map((finding) => ({
      service: finding.service,
      kind: finding.kind,
      text: finding.text,
      evidence: finding.evidence,
    })),
    rootCause:
      file.rootCause === null
        ? null
        : {
            service: file.rootCause.service,
            commit: file.rootCause.commit?.sha ?? null,
            outcome: file.rootCause.outcome,
            statement: file.rootCause.statement,
            evidence: evidenceText(file.rootCause.evidence),
          },
    plan:
      plan === undefined
        ? null
        : { remedy: plan.body.remedies[0]?.kind ?? null, digest: plan.digest, state: plan.state },
    approval: approval === undefined ? null : { by: approval.userId, at: approval.at },
    execution:
      pull === undefined
        ? null
        : { pr: { number: pull.number, merged: pull.merged, url: execution?.receipt?.url ?? null } },
    verification:
      execution === undefined
        ? null
        : {
            before: execution.before?.value ?? null,
            after: execution.after?.value ?? null,
            alertResolved: file.incident.status === 'resolved',
          },
    rollback: execution?.state === 'rolled-back' ? { undone: true } : null,
    channelsCreated: slack.calls.filter((call) => call.method === 'conversations.create' && call.ok).length,
    messagesPosted: slack.calls.filter((call) => call.method === 'chat.postMessage' && call.ok).length,
    expected: {
      service: scenario.expected.service,
      commit: injection.commit,
      remedy: scenario.expected.remedy,
      right:
        file.rootCause?.service === scenario.expected.service &&
        file.rootCause.commit?.sha === injection.commit &&
        plan?.body.remedies[0]?.kind === scenario.expected.remedy,
    },
  };
}

export type DemoResult = ReturnType<typeof demoResult>;

/** The first message in an agent's thread, as the local Slack received it. */
function firstFindingMs(slack: LocalSlack, channelAtMs: number): number | null {
  const posted = slack.calls.find((call) => call.method === 'chat.postMessage' && call.ok && call.threaded);
  return posted === undefined ? null : posted.at - channelAtMs;
}

function callTime(slack: LocalSlack, method: string): number | null {
  return slack.calls.find((call) => call.method === method && call.ok)?.at ?? null;
}

function between(from: string | null | undefined, to: string | null | undefined): number | null {
  return from == null || to == null ? null : Date.parse(to) - Date.parse(from);
}
