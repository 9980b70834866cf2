import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { RankedChange } from '../analysis/culprits/weigh-told-change.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Claim } from '../domain/finding.ts';
import type { LogLine } from '../ports/log-source.ts';
import { cite, type Look } from './look-at-service.ts';
import { sayCommit, sayHealthy, saySymptom, sayTime } from './say-claims.ts';
import { joinPhrases } from './signals/say-signals.ts';
import { showsChange } from './signals/shows-change.ts';
import { sayToldCause } from './signals/told-changes.ts';

/** Below this a commit is not named. */
export const commitFrom = 0.22;
const shareFrom = 0.33;
/** Below this a service is called well. */
export const abnormalFrom = 0.35;
const blameFrom = 0.2;
/** A claim weaker than this says nothing to anybody. */
const causeFrom = 0.24;
/** A commit can be read; of a told change nobody knows what it did. It has to fit that much better to be named instead. */
const leadOfTold = 0.25;
/** Of a change that is merely told: with all blame of callers, too, it stays below what is called likely without a commit. */
const mostUnseen = 0.3;
const mostChars = 190;

/**
 * How well the best commit explains it: alone at the top counts more than one of many, and where all others of the release
 * are out of the question, a weak match will do.
 */
export function fitOf(best: RankedCommit): number {
  return Math.max(best.score * (0.55 + 0.45 * Math.min(1, best.margin * 2.5)), 0.75 * best.share);
}

/** It fits by itself, and it is not merely the best of what hardly fits. */
export function isNamed(best: RankedCommit): boolean {
  return best.score >= commitFrom && best.share >= shareFrom;
}

/** What the telemetry alone says, before any commit was read: no word yet on where it starts. */
export function stateSymptoms(look: Look): Claim[] {
  const { judgement, service, evidence, window } = look;
  const shown = cite(evidence, ['metric', 'trace', 'log']);
  if (Math.max(judgement.seen, judgement.own) < abnormalFrom || shown.length === 0)
    return [
      {
        kind: 'healthy',
        text: sayHealthy(look),
        evidence: evidence.map((one) => one.number),
        confidence: shown.length > 0 ? 0.6 : 0.2,
      },
    ];
  const phrases = judgement.reasons.slice(0, 3);
  const claims: Claim[] = [
    {
      kind: 'symptom',
      text: `${saySubject(service, joinPhrases(phrases, mostChars - service.length - 22))} since ${sayTime(window.onset)}.`,
      evidence: shown,
      confidence: Math.min(0.95, judgement.abnormal),
    },
  ];
  for (const blame of judgement.blames) {
    if (blame.share < blameFrom) continue;
    claims.push({
      kind: 'blame',
      text: `The trouble of ${service} comes from ${blame.service}: ${blame.reason}.`,
      evidence: cite(evidence, ['trace', 'log']),
      blames: { service: blame.service },
      confidence: Math.min(0.9, blame.share),
    });
  }
  return claims;
}

/** A change beside the code that somebody told of and that may be the cause, with the row that shows it. It never carries a plan: there is no commit to undo. */
export interface ToldCause {
  readonly ranked: RankedChange;
  readonly evidence: Evidence;
}

/**
 * Symptoms, and then either where it starts or who is to blame: an agent takes one side. Where the telemetry leaves both
 * open, its own commits decide.
 * @param reproduced the service's tests break with the commit
 */
export function stateClaims(
  look: Look,
  best: RankedCommit | null,
  more: readonly Evidence[],
  reproduced: boolean,
  told: ToldCause | null = null,
): Claim[] {
  const { judgement, service, evidence, window } = look;
  const stated = stateSymptoms(look);
  if (stated.some((claim) => claim.kind === 'healthy')) return stated;
  const named = best !== null && (reproduced || isNamed(best)) ? best : null;
  const ofCommit = named === null ? 0 : reproduced ? Math.max(0.9, fitOf(named)) : fitOf(named);
  // A commit that is not named is compared, too: a sentence that anybody can send does not pass it by.
  const toBeat = Math.max(ofCommit, best === null ? 0 : fitOf(best));
  const change = told !== null && told.ranked.score > toBeat + leadOfTold ? told : null;
  const commit = change === null ? named : null;
  const fit = change === null ? ofCommit : change.ranked.score;
  const confidence = Math.min(0.95, judgement.own * (0.3 + 0.7 * fit));
  const blamed = Math.max(0, ...judgement.blames.map((blame) => blame.share));
  if (confidence < causeFrom || confidence < 0.5 * blamed * (1 - 0.5 * fit)) return stated;
  const since = `${saySymptom(look)} since ${sayTime(window.onset)}`;
  const tied = [
    ...more.filter((one) => one.kind === 'check' || isOf(one, commit)),
    ...(change === null ? [] : [change.evidence]),
  ];
  const shown = change !== null && showsChange(linesOf(look), change.ranked.change);
  const changed = change === null ? null : sayToldCause(change.ranked, shown);
  return [
    ...stated.filter((claim) => claim.kind !== 'blame'),
    {
      kind: 'cause',
      text: `${since}: ${commit === null ? (changed ?? 'no recent commit explains it') : sayCommit(commit)}${reproduced ? '; the tests of the service fail since it' : ''}.`,
      evidence: [
        ...cite(evidence, ['metric', 'trace', 'log']),
        ...tied.filter((one) => !one.empty).map((one) => one.number),
      ],
      blames: { service, ...(commit === null ? {} : { commit: commit.commit.sha }) },
      confidence: change === null || shown ? confidence : Math.min(mostUnseen, confidence),
    },
  ];
}

/** What the service began to log. */
function linesOf({ signals }: Look): LogLine[] {
  return (signals.logs?.templates ?? []).map((one) => one.line);
}

function saySubject(service: string, phrase: string): string {
  return phrase.startsWith(`${service} `) ? phrase : `${service}: ${phrase}`;
}

function isOf(evidence: Evidence, commit: RankedCommit | null): boolean {
  return commit !== null && evidence.query === `git show ${commit.commit.sha}`;
}
