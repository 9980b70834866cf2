import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { Symptoms } from '../analysis/culprits/symptoms.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Claim } from '../domain/finding.ts';
import { explainError } from '../platform/errors.ts';
import { findContractBreak } from './find-contract-break.ts';
import type { Notebook, Report } from './investigator.ts';
import { cite, type Look, lookAtService } from './look-at-service.ts';
import { sayCommit, sayHealthy, saySymptom, sayTime } from './say-claims.ts';
import { addPeerTexts, collectSymptoms } from './signals/collect-symptoms.ts';
import { type RepositoryView, rankFor, readRepository } from './signals/commit-signals.ts';
import { startTests } from './start-tests.ts';
import { observeRanked } from './tools/show-commit.ts';
import type { ToolContext } from './tools/tool.ts';

const commitFrom = 0.2;
const abnormalFrom = 0.35;
const causeFrom = 0.2;

/** A suspect's resident agent: what is wrong here, does it begin here, and which commit explains it. */
export async function investigateSuspect(
  context: ToolContext,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<Report> {
  const { service } = context.assignment;
  await notebook.step('telemetry', 'Reading metrics, logs and traces', 'running');
  const look = await lookAtService(context, notebook);
  await notebook.step('telemetry', 'Read metrics, logs and traces', 'done');
  const first = claimsOf(look, null, []);
  await notebook.report(first);

  await notebook.step('commits', 'Matching commits against the symptoms', 'running');
  const view = await readCommits(context, look, notebook, signal);
  if (view === null)
    return { claims: first, ruledOut: [], nextChecks: [`Read the commits of ${service.name} by hand.`] };
  const tests = startTests(context, view.head, notebook, signal);
  const ranking = rankFor(view, await symptomsOf(context, look));
  const commits = await keepCommits(ranking, view, service.name, notebook);
  await notebook.step('commits', `Matched ${ranking.length} commits against the symptoms`, 'done');
  const matched = claimsOf(look, ranking[0] ?? null, commits);
  await notebook.report(matched);

  const suspected = ranking[0]?.score !== undefined && ranking[0].score >= commitFrom ? ranking[0] : null;
  const parent = view.log.find((commit) => commit.sha === suspected?.commit.sha)?.parents[0] ?? null;
  const checks = await tests.finish(parent);
  const claims = [...claimsOf(look, suspected, [...commits, ...checks.evidence], checks.blamesCommit)];
  if (look.judgement.own < causeFrom) {
    const broken = await findContractBreak(context, look, notebook, signal);
    if (broken !== null) claims.push(broken);
  }
  return {
    claims,
    ruledOut: ruledOut(look, ranking, checks.passed),
    nextChecks: nextChecks(look, suspected),
  };
}

async function symptomsOf({ desk }: ToolContext, look: Look): Promise<Symptoms> {
  const symptoms = collectSymptoms(look.judgement, look.signals, look.window);
  const peers = await Promise.all(
    symptoms.peers.slice(0, 3).map(async (service) => ({ service, logs: await desk.logs(service) })),
  );
  return addPeerTexts(symptoms, peers);
}

async function readCommits(
  context: ToolContext,
  look: Look,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<RepositoryView | null> {
  const { service } = context.assignment;
  try {
    return await readRepository(context.desk.sources.source, service, look.window.onset, signal);
  } catch (error) {
    signal.throwIfAborted();
    await notebook.limit(`Commits of ${service.name} could not be read: ${explainError(error)}`);
    await notebook.step('commits', 'Commits could not be read', 'failed');
    return null;
  }
}

async function keepCommits(
  ranking: readonly RankedCommit[],
  view: RepositoryView,
  service: string,
  notebook: Notebook,
): Promise<Evidence[]> {
  const kept: Evidence[] = [];
  for (const [place, ranked] of ranking.slice(0, 3).entries()) {
    if (ranked.score < commitFrom) break;
    const diff = view.diffs.get(ranked.commit.sha) ?? '';
    kept.push(
      await notebook.keep(`commit:${ranked.commit.sha}`, observeRanked(service, ranked, diff, place)),
    );
  }
  return kept;
}

/** How well the best commit explains it: alone at the top counts more than one of many. */
function fitOf(best: RankedCommit): number {
  return best.score * (0.55 + 0.45 * Math.min(1, best.margin * 2.5));
}

function claimsOf(
  look: Look,
  best: RankedCommit | null,
  more: readonly Evidence[],
  reproduced = false,
): Claim[] {
  const { judgement, service, evidence, window } = look;
  const claims: Claim[] = [];
  const shown = cite(evidence, ['metric', 'trace', 'log']);
  if (Math.max(judgement.abnormal, judgement.own) < abnormalFrom || shown.length === 0)
    return [
      {
        kind: 'healthy',
        text: sayHealthy(look),
        evidence: evidence.map((one) => one.number),
        confidence: shown.length > 0 ? 0.6 : 0.2,
      },
    ];
  claims.push({
    kind: 'symptom',
    text: `${service}: ${judgement.reasons.slice(0, 2).join('; ')} since ${sayTime(window.onset)}.`,
    evidence: shown,
    confidence: Math.min(0.95, judgement.abnormal),
  });
  for (const blame of judgement.blames) {
    if (blame.share < 0.2) continue;
    claims.push({
      kind: 'blame',
      text: `The trouble of ${service} comes from ${blame.service}: ${blame.reason}.`,
      evidence: cite(evidence, ['trace', 'log']),
      blames: { service: blame.service },
      confidence: Math.min(0.9, blame.share),
    });
  }
  if (judgement.own < causeFrom) return claims;
  const commit = best !== null && best.score >= commitFrom ? best : null;
  const fit = commit === null ? 0 : reproduced ? Math.max(0.9, fitOf(commit)) : fitOf(commit);
  const since = `${saySymptom(look)} since ${sayTime(window.onset)}`;
  const tied = more.filter((one) => one.kind === 'check' || isOf(one, commit));
  claims.push({
    kind: 'cause',
    text: commit === null ? `${since}; no recent commit explains it.` : `${since}: ${sayCommit(commit)}.`,
    evidence: [...shown, ...tied.filter((one) => !one.empty).map((one) => one.number)],
    blames: { service, ...(commit === null ? {} : { commit: commit.commit.sha }) },
    confidence: Math.min(0.95, judgement.own * (0.3 + 0.7 * fit)),
  });
  return claims;
}

function isOf(evidence: Evidence, commit: RankedCommit | null): boolean {
  return commit !== null && evidence.query === `git show ${commit.commit.sha}`;
}

function ruledOut(look: Look, ranking: readonly RankedCommit[], passed: boolean | null): string[] {
  const [best, ...others] = ranking;
  const weak = others.filter((one) => one.score < (best?.score ?? 0) * 0.6);
  const said: string[] = [];
  if (look.judgement.own < causeFrom) said.push(`${look.service} itself: its trouble does not begin there.`);
  if (weak.length > 0)
    said.push(`${weak.length} other recent commits of ${look.service}: they do not fit the symptoms.`);
  if (passed === true) said.push(`A fault that ${look.service}'s own tests cover: they pass.`);
  return said;
}

function nextChecks(look: Look, suspected: RankedCommit | null): string[] {
  const { judgement, service, signals } = look;
  const checks: string[] = [];
  if (suspected === null && judgement.own >= causeFrom)
    checks.push(`Compare what ${service} runs with its repository: no recent commit explains the symptoms.`);
  if (signals.traces === null || signals.traces.traces.after === 0)
    checks.push(`Send traces of ${service}: without them blame rests on logs and metrics.`);
  const [blame] = judgement.blames;
  if (blame !== undefined) checks.push(`Look at ${blame.service} next: ${blame.reason}.`);
  if (judgement.kinds.has('descriptor-leak'))
    checks.push(`List the open files of a ${service} process by target.`);
  if (judgement.kinds.has('memory-leak'))
    checks.push(`Take a heap snapshot of ${service} twice and compare.`);
  return checks;
}
