import type { Asked, Scripted } from '../../test/support/aimock.ts';
import { aReport, type WrittenClaim } from '../../test/support/claude-script.ts';
import { claimsOf, isSlow, originsOf, rowsOf, type Shown, trouble, worseCallee } from './shown.ts';

/** Turns after which it reports what it has, wherever it stands. */
const mostTurns = 9;
/** Services that it follows blame through. */
const mostHops = 3;
/** Of those that have nothing to do with it, how many are looked at to refute the favourite. */
const mostOthers = 2;

type Calls = readonly { readonly name: string; readonly input: object }[];

/** What this engineer makes of all it was shown so far. */
interface Case {
  readonly asked: Asked;
  readonly rows: readonly Shown[];
  /** From its own service to where the trouble was followed. */
  readonly trail: readonly string[];
}

/**
 * In place of a model: one way of working for every service, scenario and number of agents. It knows what it is shown and
 * nothing else: looks at its own service, follows failing requests to the service where they begin, asks there, goes on
 * looking itself unless the answer names what changed, reads the commit that fits best, and looks at those who should be
 * troubled too if it were wrong.
 */
export function workAsEngineer(asked: Asked): Scripted {
  const rows = rowsOf(asked);
  const trail = [asked.service];
  for (;;) {
    const here = trail.at(-1) ?? asked.service;
    const at: Case = { asked, rows, trail };
    if (asked.turn >= mostTurns) return report(at);
    if (!isLookedAt(rows, here)) return { thinking: `What moved at ${here}?`, calls: look(asked, here) };
    const next = trail.length > mostHops ? null : beginsElsewhere(rows, here);
    if (next === null || trail.includes(next)) return settle(at);
    const answer = answerOf(rows, next);
    if (answer === undefined)
      return { thinking: `What fails at ${here} begins at ${next}.`, calls: [ask(rows, here, next)] };
    trail.push(next);
    // Its colleague knows what did it, and says so: two need not find the same.
    if (namesChange(answer)) return report({ asked, rows, trail });
  }
}

/** Here it begins, or nowhere: the commit, and what would speak against it. */
function settle(at: Case): Scripted {
  const { asked, rows, trail } = at;
  const here = trail.at(-1) ?? asked.service;
  const commit = bestCommit(rows, here);
  if (!isTroubled(rows, here) || commit === null) return report(at);
  const others = othersOf(at).filter((one) => metricsOf(rows, one) === undefined);
  if (others.length === 0) return report(at);
  return {
    thinking:
      'What would be otherwise, were it not this commit? Those beside it would be troubled of themselves.',
    calls: [
      { name: 'show_commit', input: { ...of(asked, here), sha: commit.sha } },
      ...others.flatMap((service) => [
        { name: 'metric_overview', input: { service } },
        { name: 'trace_edges', input: { service } },
      ]),
    ],
  };
}

function report(at: Case): Scripted {
  const { asked, rows, trail } = at;
  const own = asked.service;
  const here = trail.at(-1) ?? own;
  const shown = showing(rows, here);
  const [next] = trail.slice(1);
  const told = next === undefined ? undefined : answerOf(rows, next);
  const found = isLookedAt(rows, here) && isTroubled(rows, here);
  const commit = found ? bestCommit(rows, here) : null;
  const refuting = commit === null ? [] : othersOf(at).flatMap((one) => looksAt(rows, one));
  const survived = !othersOf(at).some((one) => isTroubledBeside(at, one));
  const claims: WrittenClaim[] = [];
  if (isTroubled(rows, own))
    claims.push({
      kind: 'symptom',
      text: `${own}: ${sentence(metricsOf(rows, own) ?? tracesOf(rows, own))}`,
      evidence: showing(rows, own),
      confidence: 0.9,
    });
  if (next !== undefined)
    claims.push({
      kind: 'blame',
      text: `The trouble of ${own} comes from ${next}: ${sentence(tracesOf(rows, own))}`,
      evidence: [...showing(rows, own), ...(told === undefined ? [] : [told.evidence])],
      blamesService: next,
      confidence: 0.8,
    });
  if (commit !== null)
    claims.push({
      kind: 'cause',
      text: `${here}: ${sentence(commit.row)}`,
      evidence: [...shown, ...commit.evidence],
      blamesService: here,
      blamesCommit: commit.sha,
      confidence: survived ? commit.confidence : 0.3,
    });
  if (claims.length === 0)
    claims.push({
      kind: 'healthy',
      text: `${own}: nothing abnormal here.`,
      evidence: [...showing(rows, own), ...looksAt(rows, own)].slice(0, 8),
      confidence: 0.8,
    });
  return aReport(
    claims.map((claim) => ({
      ...claim,
      evidence: [...new Set(claim.evidence)],
      text: claim.text.slice(0, 590),
    })),
    {
      hypotheses: hypotheses(at, commit?.sha ?? null),
      refutation:
        commit === null || refuting.length === 0
          ? null
          : {
              tried: `Were it not ${here}, then ${othersOf(at).join(' and ')} would be troubled of themselves.`,
              evidence: refuting,
              survived,
            },
      answers: questionsIn(asked).map((question) => ({
        question,
        verdict: next !== undefined ? 'passed-on' : commit !== null ? 'mine' : found ? 'unclear' : 'not-mine',
        text: claims.at(-1)?.text.slice(0, 490) ?? '',
        evidence: (claims.at(-1)?.evidence ?? []).slice(0, 8),
      })),
      ruledOut: othersOf(at)
        .filter((one) => metricsOf(rows, one) !== undefined && !isTroubledBeside(at, one))
        .map((one) => `${one}: not in trouble of its own.`),
      nextChecks: commit === null ? [`Look again at ${here} in ten minutes.`] : [],
    },
  );
}

/** What the briefing says, after looking. */
function hypotheses({ asked, rows, trail }: Case, sha: string | null): object[] {
  const here = trail.at(-1) ?? asked.service;
  return claimsOf(asked)
    .filter((claim) => claim.blames !== undefined)
    .slice(0, 4)
    .map(({ text, blames }) => {
      const isSameCommit = blames?.commit === undefined || (sha !== null && blames.commit.startsWith(sha));
      return {
        statement: text.slice(0, 290),
        test: 'Looked at its metrics, requests, lines and commits by tools.',
        verdict: blames?.service === here && isSameCommit ? 'supported' : 'open',
        evidence: showing(rows, here),
      };
    });
}

function look(asked: Asked, service: string): Calls {
  return ['metric_overview', 'trace_edges', 'log_templates', 'suspect_commits'].map((name) => ({
    name,
    input: of(asked, service),
  }));
}

/** Its own service need not be named. */
function of(asked: Asked, service: string): object {
  return service === asked.service ? {} : { service };
}

function ask(rows: readonly Shown[], from: string, to: string): Calls[number] {
  return {
    name: 'ask_peer',
    input: {
      service: to,
      question: `Requests of ${from} fail or wait since the onset, and by the traces they do at ${to}. Does it begin with you?`,
      evidence: showing(rows, from).slice(0, 8),
    },
  };
}

function answerOf(rows: readonly Shown[], service: string): Shown | undefined {
  return rows.findLast((row) => row.service === service && row.title === `What ${service} answers`);
}

function namesChange({ summary }: Shown): boolean {
  return summary.startsWith('Yes, it begins here') && /\bcommit [0-9a-f]{7,40}\b/.test(summary);
}

/** What a tool showed, not what was shown in the briefing: that is doubted until seen. */
function seenBy(rows: readonly Shown[], service: string, kind: string, title: RegExp): Shown | undefined {
  return rows.findLast(
    (row) =>
      row.service === service &&
      row.kind === kind &&
      title.test(row.title) &&
      (row.detail !== '' || row.empty),
  );
}

const metricsOf = (rows: readonly Shown[], service: string): Shown | undefined =>
  seenBy(rows, service, 'metric', /^Metrics before and after/);

const tracesOf = (rows: readonly Shown[], service: string): Shown | undefined =>
  seenBy(rows, service, 'trace', /^Requests before and after/);

const logsOf = (rows: readonly Shown[], service: string): Shown | undefined =>
  seenBy(rows, service, 'log', /^Log lines since/);

function isLookedAt(rows: readonly Shown[], service: string): boolean {
  return tracesOf(rows, service) !== undefined && rows.some((row) => isRanked(row, service));
}

/** A row of `suspect_commits`, seen by a tool. */
function isRanked(row: Shown, service: string): boolean {
  const ranked =
    /(Best match of the recent commits|Match number \d+):/.test(row.summary) && row.detail !== '';
  return row.kind === 'change' && row.service === service && (ranked || row.title === 'Suspect commits');
}

/** Numbers of what a service shows, absent things left out. */
function showing(rows: readonly Shown[], service: string): number[] {
  return [metricsOf(rows, service), tracesOf(rows, service), logsOf(rows, service)].flatMap((row) =>
    row === undefined || row.empty ? [] : [row.evidence],
  );
}

function looksAt(rows: readonly Shown[], service: string): number[] {
  return [metricsOf(rows, service), tracesOf(rows, service)].flatMap((row) =>
    row === undefined ? [] : [row.evidence],
  );
}

/** Failing requests begin at another service, or what it calls became slow or fails. */
function beginsElsewhere(rows: readonly Shown[], here: string): string | null {
  const traces = tracesOf(rows, here);
  const [origin] = originsOf(traces);
  if (origin !== undefined) return origin.service === here ? null : origin.service;
  return worseCallee(traces, here);
}

/** Something moved that is its own: failing requests that begin elsewhere are not. */
function isTroubled(rows: readonly Shown[], service: string): boolean {
  const traces = tracesOf(rows, service);
  return (
    trouble(metricsOf(rows, service)).length > 0 ||
    originsOf(traces).some((origin) => origin.service === service) ||
    isSlow(traces)
  );
}

/** It is in trouble, and not because of what it asks of those on the trail. */
function isTroubledBeside({ rows, trail }: Case, service: string): boolean {
  const traces = tracesOf(rows, service);
  const [origin] = originsOf(traces);
  const from = origin?.service ?? worseCallee(traces, service);
  return isTroubled(rows, service) && (from === null || from === service || !trail.includes(from));
}

/** Services that are not on the trail. */
function othersOf({ asked, trail }: Case): string[] {
  const named = /^All services: (.*)\.$/m.exec(asked.task)?.[1]?.split(', ') ?? [];
  return named.filter((one) => !trail.includes(one)).slice(0, mostOthers);
}

interface Commit {
  readonly sha: string;
  readonly row: Shown;
  readonly evidence: readonly number[];
  readonly confidence: number;
}

/** The one that the ranking puts first, where anything ties it to what is seen; the more does, the surer. */
function bestCommit(rows: readonly Shown[], service: string): Commit | null {
  const row = rows.findLast((one) => isRanked(one, service) && one.summary.includes('Best match'));
  const sha = /^Commit ([0-9a-f]{7,40}) /.exec(row?.title ?? '')?.[1];
  const why = row?.summary.split('Best match of the recent commits: ')[1] ?? '';
  if (row === undefined || sha === undefined || why.startsWith('nothing ties it')) return null;
  const same = rows.filter((one) => one.kind === 'change' && one.title.startsWith(`Commit ${sha}`));
  const ties = why.split('; ').length;
  return {
    sha,
    row,
    evidence: [...new Set(same.map((one) => one.evidence))],
    confidence: Math.min(0.9, 0.45 + 0.15 * ties),
  };
}

function questionsIn(asked: Asked): string[] {
  return [...asked.task.matchAll(/asks \(question "([^"]+)"\)/g)].map(([, id]) => id ?? '');
}

function sentence(row: Shown | undefined): string {
  return row?.summary ?? 'see the evidence.';
}
