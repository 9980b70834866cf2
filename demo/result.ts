import type { IncidentOnWire } from './bot-process.ts';
import type { LocalPullRequest } from './local-github/local-github.ts';
import type { LocalSlack } from './local-slack/local-slack.ts';
import type { Injection } from './shop/inject-scenario.ts';
import type { Scenario } from './shop/scenario.ts';

/**
 * What `--json` prints. Times in milliseconds; null where the story did not get that far, and `problem` says where it
 * stopped.
 */
export function demoResult(seen: {
  scenario: Scenario;
  injection: Injection;
  /** Null when no incident was opened. */
  file: IncidentOnWire | null;
  problem: string | null;
  nameOf: (userId: string) => string;
  slack: LocalSlack;
  pullRequests: readonly LocalPullRequest[];
}) {
  const { scenario, injection, file, slack, nameOf } = seen;
  const plan = file?.plans.at(-1);
  const execution = file?.executions.find((one) => one.planId === plan?.id);
  const approval = file?.approvals.find((one) => one.planId === plan?.id && one.decision === 'approve');
  const rootCause = file?.rootCause ?? null;
  const alertAtMs = firstOf(file?.alerts.map((alert) => Date.parse(alert.receivedAt)) ?? []);
  const channelAtMs = callTime(slack, 'conversations.create');
  const pull = execution === undefined ? undefined : seen.pullRequests[0];
  const urlOf = (which: 'receipt' | 'undoReceipt') =>
    execution?.steps.findLast((step) => step[which]?.url != null)?.[which]?.url ?? null;
  const cite = (numbers: readonly number[]) =>
    (file?.evidence ?? [])
      .filter((row) => numbers.includes(row.number))
      .map((row) => ({ number: row.number, kind: row.kind, summary: row.summary }));
  const after = (fromMs: number | null, atMs: number | null) =>
    fromMs === null || atMs === null ? null : atMs - fromMs;
  return {
    scenario: scenario.name,
    investigator: file?.investigations.find((one) => one.role === 'suspect')?.investigator ?? null,
    incident:
      file === null
        ? null
        : { id: file.incident.id, channel: file.incident.channelName, status: file.incident.status },
    timings: {
      faultToAlertMs: after(injection.at.getTime(), alertAtMs),
      alertToChannelMs: after(alertAtMs, channelAtMs),
      channelToFirstFindingMs: after(channelAtMs, firstFindingAt(slack)),
      alertToRootCauseMs: after(alertAtMs, timeOf(rootCause?.at)),
      approvalToExecutedMs: after(timeOf(approval?.at), timeOf(execution?.appliedAt)),
      executedToResolvedMs: after(timeOf(execution?.appliedAt), timeOf(file?.incident.resolvedAt)),
    },
    suspects: (file?.investigations ?? [])
      .filter((one) => one.role === 'suspect')
      .map((one) => ({ service: one.service, score: one.score, reasons: one.reasons })),
    findings: (file?.findings ?? []).map((finding) => ({
      service: finding.service,
      kind: finding.kind,
      text: finding.text,
      evidence: cite(finding.evidence),
    })),
    /** What the agents could not do, in their words. */
    limits: (file?.investigations ?? []).flatMap((one) =>
      one.limits.map((text) => ({ service: one.service, text })),
    ),
    rootCause:
      rootCause === null
        ? null
        : {
            service: rootCause.service,
            commit: rootCause.commit?.sha ?? null,
            outcome: rootCause.outcome,
            statement: rootCause.statement,
            ruledOut: rootCause.ruledOut,
            evidence: cite(rootCause.evidence),
          },
    plan:
      plan === undefined
        ? null
        : {
            remedy: plan.body.remedies[0]?.kind ?? null,
            /** What the card shows of before and after; null where nothing could be tried. */
            measured: plan.body.remedies[0]?.preview.measured ?? null,
            digest: plan.digest,
            state: plan.state,
          },
    approval: approval === undefined ? null : { by: nameOf(approval.userId), at: approval.at },
    execution:
      execution === undefined
        ? null
        : {
            steps: execution.steps.map(({ state, receipt, check }, index) => ({
              remedy: plan?.body.remedies[index]?.kind ?? null,
              state,
              summary: receipt?.summary ?? null,
              check: check?.text ?? null,
            })),
            /** Null where the fix is none that goes through the code host. */
            pr:
              pull === undefined ? null : { number: pull.number, merged: pull.merged, url: urlOf('receipt') },
          },
    verification:
      execution === undefined
        ? null
        : {
            before: execution.before?.value ?? null,
            after: execution.after?.value ?? null,
            alertResolved: file?.incident.status === 'resolved',
          },
    rollback:
      execution?.state === 'rolled-back' || execution?.state === 'rolling-back'
        ? { state: execution.state, url: urlOf('undoReceipt') }
        : null,
    channelsCreated: slack.calls.filter((call) => call.method === 'conversations.create' && call.ok).length,
    messagesPosted: slack.calls.filter((call) => call.method === 'chat.postMessage' && call.ok).length,
    expected: {
      ...(scenario.expected === 'inconclusive'
        ? { outcome: scenario.expected, service: null, remedy: null }
        : { outcome: null, ...scenario.expected }),
      commit: injection.commit,
      right:
        scenario.expected === 'inconclusive'
          ? rootCause?.outcome === 'inconclusive' && plan === undefined
          : rootCause?.service === scenario.expected.service &&
            rootCause.commit?.sha === injection.commit &&
            plan?.body.remedies[0]?.kind === scenario.expected.remedy,
    },
    problem: seen.problem,
  };
}

export type DemoResult = ReturnType<typeof demoResult>;

/** The first message in an agent's thread, as the local Slack received it. */
function firstFindingAt(slack: LocalSlack): number | null {
  return (
    slack.calls.find((call) => call.method === 'chat.postMessage' && call.ok && call.threaded)?.at ?? null
  );
}

function callTime(slack: LocalSlack, method: string): number | null {
  return slack.calls.find((call) => call.method === method && call.ok)?.at ?? null;
}

function timeOf(text: string | null | undefined): number | null {
  return text == null ? null : Date.parse(text);
}

function firstOf(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}
