import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { Symptoms } from '../analysis/culprits/symptoms.ts';
import type { RankedChange } from '../analysis/culprits/weigh-told-change.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Claim } from '../domain/finding.ts';
import { explainError } from '../platform/errors.ts';
import type { ChangeKind } from '../ports/change-source.ts';
import { findContractBreak } from './find-contract-break.ts';
import { findMissingIndex, saySlowStatements } from './find-missing-index.ts';
import type { Notebook, Report } from './investigator.ts';
import { checksFromPast, lookAtPast } from './look-at-past.ts';
import { type Look, lookAtService } from './look-at-service.ts';
import { settleSharedBlame } from './settle-shared-blame.ts';
import { addPeerTexts, addStatements, collectSymptoms } from './signals/collect-symptoms.ts';
import { type RepositoryView, rankFor, readRepository } from './signals/commit-signals.ts';
import type { DatabaseSignals } from './signals/database-signals.ts';
import { addReleases, changeFrom, rankChanges, sayToldChange } from './signals/told-changes.ts';
import { startTests } from './start-tests.ts';
import {
  abnormalFrom,
  commitFrom,
  isNamed,
  stateClaims,
  stateSymptoms,
  type ToldCause,
} from './state-claims.ts';
import { observeRanked } from './tools/show-commit.ts';
import { observeToldChanges } from './tools/told-changes.ts';
import type { ToolContext } from './tools/tool.ts';

/** Of the guilt: from here on an agent looks for a commit of its own and runs the tests. */
const commitsFrom = 0.2;
/** A commit that breaks the service's own tests needs less else to speak against it. */
const provenFrom = 0.05;
const mostTested = 8;

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
  const first = stateSymptoms(look);
  await notebook.report(first);
  const remembered = await lookAtPast(context, look, notebook);
  const { judgement } = look;
  const beginsHere = judgement.own >= commitsFrom;
  const databases = await readDatabases(context, notebook);

  await notebook.step('commits', 'Matching commits against the symptoms', 'running');
  const view = await readCommits(context, look, notebook, signal);
  if (view === null) {
    const index = await findMissingIndex(look, databases, [], [], notebook);
    const nextChecks = [...checksFromPast(remembered), `Read the commits of ${service.name} by hand.`];
    return { claims: index === null ? first : withCause(first, index), ruledOut: [], nextChecks };
  }
  const tests = beginsHere ? startTests(context, view.head, notebook, signal) : null;
  const { changes, cut } = (await context.desk.changes(service.name)) ?? { changes: [], cut: [] };
  const symptoms = addReleases(addStatements(await symptomsOf(context, look), databases), changes);
  const ranking = rankFor(view, symptoms);
  const told = await keepToldChanges(
    context,
    rankChanges(
      changes,
      symptoms,
      view.log.map((one) => one.sha),
    ),
    cut,
    notebook,
  );
  const commits = await keepCommits(ranking, view, service.name, notebook);
  await notebook.step('commits', `Matched ${ranking.length} commits against the symptoms`, 'done');
  const best = ranking[0] ?? null;
  const index = await findMissingIndex(look, databases, ranking, commits, notebook);
  const settled = beginsHere ? await settleSharedBlame(context, look, best, signal) : look;
  if (index !== null) await notebook.report(withCause(first, index));
  else if (beginsHere) await notebook.report(stateClaims(settled, best, commits, false, told));

  const suspected = best !== null && isNamed(best) ? best : null;
  const checks = tests === null ? null : await tests.finish(suspected?.commit.sha ?? null, recentOf(view));
  const broken = ranking.find((one) => one.commit.sha === checks?.brokenBy) ?? null;
  // A change of tests alone may break them; one that has nothing to do with the trouble is no culprit either.
  const proven =
    broken !== null && broken.score >= Math.max(provenFrom, 0.4 * (best?.score ?? 0)) ? broken : null;
  const blamed = proven ?? best;
  if (blamed !== null && !commits.some((one) => one.query === `git show ${blamed.commit.sha}`))
    commits.push(
      await notebook.keep(
        `commit:${blamed.commit.sha}`,
        observeRanked(service.name, blamed, view.diffs.get(blamed.commit.sha) ?? '', 0),
      ),
    );
  const seen = [...commits, ...(checks?.evidence ?? [])];
  const stated = stateClaims(settled, blamed, seen, proven !== null, told);
  // A defect that is seen where it is beats any commit that merely fits.
  if (index !== null) {
    const claims = withCause(stated, index);
    return {
      claims,
      ruledOut: ruledOut(claims, service.name, ranking),
      nextChecks: [...checksFromPast(remembered), ...nextChecks(settled, suspected)],
    };
  }
  const indirect = beginsHere ? null : await findContractBreak(context, look, notebook, signal);
  const claims =
    indirect === null ? stated : [...stated.filter((claim) => claim.kind === 'symptom'), indirect];
  return {
    claims,
    ruledOut: ruledOut(claims, service.name, ranking),
    nextChecks: [
      ...checksFromPast(remembered),
      ...saySlowStatements(databases),
      ...checksFromChange(told, claims),
      ...nextChecks(settled, suspected),
    ],
  };
}

async function readDatabases(
  { assignment, desk }: ToolContext,
  notebook: Notebook,
): Promise<DatabaseSignals | null> {
  const { service } = assignment;
  if (service.databases.every((target) => target.logs === null)) return null;
  await notebook.step('databases', 'Reading the slow-query log of its databases', 'running');
  const read = await desk.databases(service.name);
  const done = read === null ? 'failed' : 'done';
  await notebook.step(
    'databases',
    read === null ? 'The slow-query log could not be read' : 'Read the slow-query log of its databases',
    done,
  );
  return read;
}

/** Kept where anything was told at all; the one that may be the cause, where one may. */
async function keepToldChanges(
  { assignment }: ToolContext,
  ranked: readonly RankedChange[],
  cut: readonly ChangeKind[],
  notebook: Notebook,
): Promise<ToldCause | null> {
  const [first] = ranked;
  if (first === undefined) return null;
  const evidence = await notebook.keep(
    'told-changes',
    observeToldChanges(assignment.service.name, ranked, cut),
  );
  // That something was deployed is no cause: what is in it would be, and the commits tell.
  const cause = ranked.find((one) => one.change.kind !== 'deploy' && one.score >= changeFrom);
  return cause === undefined ? null : { ranked: cause, evidence };
}

function checksFromChange(told: ToldCause | null, claims: readonly Claim[]): string[] {
  if (told === null) return [];
  const { actor, url } = told.ranked.change;
  const where = url === null ? '' : ` (${url})`;
  const said = sayToldChange(told.ranked);
  const { number } = told.evidence;
  return claims.some(
    (one) => one.kind === 'cause' && one.blames?.commit === undefined && one.evidence.includes(number),
  )
    ? [`Ask ${actor ?? 'who made it'} to take it back or to show that it is harmless: ${said}${where}.`]
    : [`Rule out what else was changed: ${said}${where}.`];
}

/** Symptoms as they were stated, and this cause alone. */
function withCause(stated: readonly Claim[], cause: Claim): Claim[] {
  return [...stated.filter((claim) => claim.kind === 'symptom'), cause];
}

function recentOf(view: RepositoryView): { sha: string; parent: string | null }[] {
  return view.log.slice(0, mostTested).map(({ sha, parents }) => ({ sha, parent: parents[0] ?? null }));
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
    if (ranked.score < commitFrom * 0.6) break;
    const diff = view.diffs.get(ranked.commit.sha) ?? '';
    kept.push(
      await notebook.keep(`commit:${ranked.commit.sha}`, observeRanked(service, ranked, diff, place)),
    );
  }
  return kept;
}

function ruledOut(claims: readonly Claim[], service: string, ranking: readonly RankedCommit[]): string[] {
  const blamed = claims.find((claim) => claim.kind === 'cause')?.blames?.commit;
  const [best, ...others] = ranking;
  if (best !== undefined && claims.every((claim) => claim.kind === 'healthy' || claim.kind === 'symptom'))
    return [`The ${ranking.length} recent commits of ${service}: none explains what is seen.`];
  if (best === undefined || best.commit.sha !== blamed) return [];
  const weak = others.filter((one) => one.score < best.score * 0.6);
  return weak.length === 0
    ? []
    : [`${weak.length} other recent commits of ${service}: they do not touch what goes wrong.`];
}

function nextChecks(look: Look, suspected: RankedCommit | null): string[] {
  const { judgement, service, signals } = look;
  const checks: string[] = [];
  if (judgement.seen < abnormalFrom && judgement.abnormal > judgement.seen)
    checks.push(
      `Ask whether the rule of the alert on ${service} still fits: nothing fails or waits more than before.`,
    );
  if (suspected === null && judgement.own >= commitsFrom)
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
