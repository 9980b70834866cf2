import type { Json } from '../platform/canonical-json.ts';
import { countKinds, type Evidence, showsTrouble } from './evidence.ts';
import { type Dispute, findDisputes, pointedAt, sayDispute } from './find-disputes.ts';
import type { Finding } from './finding.ts';
import type { PeerQuestion } from './peer-question.ts';
import type { RootCause } from './root-cause.ts';

export interface Hearing {
  /** Services named by the alerts, first one first. */
  readonly alerted: readonly string[];
  readonly findings: readonly Finding[];
  /** All evidence of the incident. */
  readonly evidence: readonly Evidence[];
  /** What the agents ruled out and would check next. */
  readonly ruledOut: readonly string[];
  readonly nextChecks: readonly string[];
  /** What the agents asked each other. */
  readonly questions?: readonly PeerQuestion[];
}

export type Decision = Omit<RootCause, 'incidentId' | 'at'>;

const confirmedFrom = 0.4;
const likelyFrom = 0.22;
const clearMargin = 0.2;
const clearLead = 0.12;
/** A service without a commit is named as likely only by who is sure. */
const likelyWithoutCommitFrom = 0.4;
const mostRuledOut = 5;
const mostChecks = 5;

interface Candidate {
  readonly service: string;
  readonly cause: Finding;
  /** 0–1, own claim and the callers' blame together, less what it blames on others. */
  readonly support: number;
}

/** Settles what the agents claim: what is uncited counts for nothing, and confidence is only ever lowered. */
export function decideRootCause(hearing: Hearing): Decision {
  const byNumber = new Map(hearing.evidence.map((one) => [one.number, one]));
  const heard = hearing.findings.filter((finding) => isCited(finding, byNumber));
  const questions = (hearing.questions ?? []).filter((one) => one.round > 0);
  const disputes = findDisputes(heard, byNumber, questions);
  const candidates = weighCandidates(heard).filter((one) => !isDenied(one, disputes));
  const decision = weighEvidence(hearing, heard, byNumber, candidates);
  const alone = candidates[0] === undefined || candidates[0].support < likelyFrom;
  return {
    ...(alone ? settleDispute(decision, disputes, hearing.alerted, heard) : decision),
    open: [
      ...disputes.filter((one) => one.stands === 'open').map(sayDispute),
      ...questions.filter((one) => one.answer === null).map(sayUnanswered),
    ],
  };
}

/** Another agent's word on a service counts as a cause only where it is heavier than that service's own agent's. */
function isDenied({ service, cause }: Candidate, disputes: readonly Dispute[]): boolean {
  return (
    cause.service !== service &&
    disputes.some(
      (one) =>
        [one.accuser, one.accused].includes(service) &&
        [one.accuser, one.accused].includes(cause.service) &&
        pointedAt(one) !== service,
    )
  );
}

/** No cause was found: whom the agents point at is said, and never called likely. */
function settleDispute(
  decision: Decision,
  disputes: readonly Dispute[],
  alerted: readonly string[],
  heard: readonly Finding[],
): Decision {
  const [dispute] = [...disputes.filter((one) => pointedAt(one) !== null), ...disputes];
  if (dispute === undefined) return decision;
  const service = pointedAt(dispute);
  if (service === null && dispute.stands !== 'open')
    return { ...decision, ruledOut: [sayDispute(dispute), ...decision.ruledOut].slice(0, mostRuledOut) };
  return {
    ...decision,
    service,
    statement: sayDispute(dispute),
    path: service === null ? [] : pathTo(service, alerted, heard),
    evidence: unique([...dispute.charge, ...dispute.counter, ...decision.evidence]),
  };
}

function sayUnanswered({ from, to, evidence }: PeerQuestion): string {
  const cited = evidence.length === 0 ? '' : ` (evidence ${evidence.join(', ')})`;
  return `${from} asked ${to} whether its trouble begins there${cited}; ${to} has not answered.`;
}

function weighEvidence(
  hearing: Hearing,
  heard: readonly Finding[],
  byNumber: ReadonlyMap<number, Evidence>,
  candidates: readonly Candidate[],
): Decision {
  const [best, second] = candidates;
  const ruledOut = sumUpRuledOut(heard, best?.service ?? null, hearing.ruledOut);
  if (best === undefined || best.support < likelyFrom) return undecided(hearing, heard, ruledOut, candidates);

  const lead = best.support - (second?.support ?? 0);
  const citing = [best.cause, ...heard.filter((one) => supports(one, best))];
  const cited = unique(citing.flatMap((one) => one.evidence)).filter(
    (number) => byNumber.get(number)?.empty === false,
  );
  const path = pathTo(best.service, hearing.alerted, heard);
  // Trouble elsewhere says nothing about this service, unless it reached whoever raised the alert from here.
  const onPath = cited
    .flatMap((number) => byNumber.get(number) ?? [])
    .filter((row) => path.includes(row.service));
  const kindsSeen = countKinds(onPath);
  const commit = commitOf(best.cause, byNumber);
  const tied = commit?.tied === true || isSeenInPlace(best.cause, byNumber);
  const confirmed = kindsSeen >= 2 && tied && best.support >= confirmedFrom && lead >= clearLead;
  if (!confirmed && lead < clearLead / 3 && second !== undefined)
    return undecided(hearing, heard, ruledOut, candidates);
  if (commit === null && best.support < likelyWithoutCommitFrom)
    return {
      ...undecided(hearing, heard, ruledOut, candidates),
      service: best.service,
      statement: best.cause.text,
      path,
      evidence: cited,
    };
  return {
    outcome: confirmed ? 'confirmed' : 'likely',
    service: best.service,
    commit: commit?.commit ?? null,
    statement: best.cause.text,
    proposes: best.cause.proposes ?? [],
    path,
    evidence: cited,
    ruledOut,
    nextChecks: confirmed
      ? []
      : unique([...whyNotConfirmed(kindsSeen, commit, lead, second), ...hearing.nextChecks]).slice(
          0,
          mostChecks,
        ),
  };
}

/** A claim stands when everything it cites exists and something in it shows something; absence may cite empty looks. */
function isCited(finding: Finding, byNumber: ReadonlyMap<number, Evidence>): boolean {
  if (finding.evidence.length === 0) return false;
  const cited = finding.evidence.map((number) => byNumber.get(number));
  if (cited.includes(undefined)) return false;
  // What happened in another incident is no proof of what happens in this one.
  if (cited.every((one) => one?.kind === 'past')) return false;
  return finding.kind === 'healthy' || cited.some((one) => one?.empty === false && one.kind !== 'past');
}

function weighCandidates(heard: readonly Finding[]): Candidate[] {
  const causes = new Map<string, Finding>();
  for (const finding of heard) {
    if (finding.kind !== 'cause') continue;
    const service = finding.blames?.service ?? finding.service;
    const known = causes.get(service);
    if (known === undefined || known.confidence < finding.confidence) causes.set(service, finding);
  }
  const blames = heard.filter((one) => one.kind === 'blame' && one.blames !== undefined);
  return [...causes]
    .map(([service, cause]) => {
      const accused = blames.filter((one) => one.blames?.service === service && one.service !== service);
      const passedOn = blames
        .filter((one) => one.service === service && causes.has(one.blames?.service ?? ''))
        .reduce(
          (most, one) =>
            Math.max(most, one.confidence * (causes.get(one.blames?.service ?? '')?.confidence ?? 0)),
          0,
        );
      const backed = accused.reduce((most, one) => Math.max(most, one.confidence), 0);
      const claimed = clamp(cause.confidence);
      return { service, cause, support: Math.min(1, claimed * (1 + 0.3 * backed)) * (1 - 0.6 * passedOn) };
    })
    .toSorted((a, b) => b.support - a.support || a.service.localeCompare(b.service));
}

function supports(finding: Finding, best: Candidate): boolean {
  if (finding.kind === 'blame') return finding.blames?.service === best.service;
  return finding.kind === 'symptom' && finding.service === best.service;
}

/** The defect itself was looked at where it is: a plan over a schema leaves nothing to guess, whichever commit led there. */
function isSeenInPlace(cause: Finding, byNumber: ReadonlyMap<number, Evidence>): boolean {
  return cause.evidence.some((number) => {
    const row = byNumber.get(number);
    // A patch is what a model wrote, wherever its claim points.
    const known = cause.proposes?.some(({ kind }) => kind !== 'pull-request') ?? false;
    return row?.kind === 'database' && row.service === cause.blames?.service && showsTrouble(row) && known;
  });
}

interface TiedCommit {
  readonly commit: NonNullable<RootCause['commit']>;
  /** Its own evidence says that it fits, and no other commit fits nearly as well. */
  readonly tied: boolean;
}

function commitOf(cause: Finding, byNumber: ReadonlyMap<number, Evidence>): TiedCommit | null {
  const sha = cause.blames?.commit;
  if (sha === undefined) return null;
  for (const number of cause.evidence) {
    const evidence = byNumber.get(number);
    if (evidence === undefined || evidence.kind !== 'change' || evidence.empty) continue;
    const commit = field(evidence.data, 'commit');
    const full = field(commit, 'sha');
    if (typeof full !== 'string' || !(full.startsWith(sha) || sha.startsWith(full))) continue;
    return {
      commit: {
        sha: full,
        subject: asText(field(commit, 'subject')),
        author: asText(field(commit, 'author')),
      },
      tied: marginOf(full, byNumber) >= clearMargin,
    };
  }
  return null;
}

/**
 * How far the ranking of commits puts this one before the next, wherever in the incident it was ranked. A claim's own
 * confidence is no substitute: without a ranking a commit is at most likely.
 */
function marginOf(sha: string, byNumber: ReadonlyMap<number, Evidence>): number {
  const margins = [...byNumber.values()].flatMap((one) => {
    const margin = field(one.data, 'margin');
    const ranked = one.kind === 'change' && field(field(one.data, 'commit'), 'sha') === sha;
    return ranked && typeof margin === 'number' ? [margin] : [];
  });
  return Math.max(0, ...margins);
}

/** From the blamed service to one that alerted, along the blame that was claimed, the shortest way. */
function pathTo(origin: string, alerted: readonly string[], heard: readonly Finding[]): string[] {
  const goals = new Set(alerted);
  const queue: string[][] = [[origin]];
  const seen = new Set([origin]);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const here = path.at(-1) ?? origin;
    if (here !== origin && goals.has(here)) return path;
    for (const finding of heard) {
      if (finding.kind !== 'blame' || finding.blames?.service !== here || seen.has(finding.service)) continue;
      seen.add(finding.service);
      queue.push([...path, finding.service]);
    }
  }
  return [origin];
}

function undecided(
  hearing: Hearing,
  heard: readonly Finding[],
  ruledOut: readonly string[],
  candidates: readonly Candidate[],
): Decision {
  const [best, second] = candidates;
  const tied = best !== undefined && second !== undefined && best.support >= likelyFrom;
  const statement = tied
    ? `${best.service} and ${second.service} fit the evidence about equally well; nothing tells them apart yet.`
    : heard.some((one) => one.kind === 'symptom')
      ? 'Symptoms are seen, but no recent change explains them well enough.'
      : 'Nothing stands out in the telemetry of the services that were looked at.';
  const symptoms = heard.filter((one) => one.kind === 'symptom');
  return {
    outcome: 'inconclusive',
    service: null,
    commit: null,
    statement,
    proposes: [],
    path: [],
    evidence: unique([...symptoms, ...candidates.map((one) => one.cause)].flatMap((one) => one.evidence)),
    ruledOut,
    nextChecks: unique([
      ...hearing.nextChecks,
      ...(tied ? [`Compare ${best.cause.text} with: ${second.cause.text}`] : []),
      ...(hearing.nextChecks.length === 0 && !tied
        ? [
            'Check what changed outside the repositories: configuration, infrastructure, traffic, third parties.',
          ]
        : []),
    ]).slice(0, mostChecks),
  };
}

function whyNotConfirmed(
  kinds: number,
  commit: TiedCommit | null,
  lead: number,
  second: Candidate | undefined,
): string[] {
  const reasons: string[] = [];
  if (kinds < 2) reasons.push('Only one kind of evidence shows it: look for a second, independent one.');
  if (commit === null)
    reasons.push('No commit is tied to it: check configuration and infrastructure changes.');
  else if (!commit.tied) reasons.push('Other commits fit nearly as well: read their diffs side by side.');
  if (lead < clearLead && second !== undefined)
    reasons.push(`Check ${second.service} too: ${second.cause.text}`);
  return reasons;
}

/** What helps a reader: who is well, in one line, and what speaks for the blamed service alone. */
function sumUpRuledOut(heard: readonly Finding[], blamed: string | null, said: readonly string[]): string[] {
  const guilty = new Set(heard.filter((one) => one.kind !== 'healthy').map((one) => one.service));
  const well = unique(heard.filter((one) => one.kind === 'healthy').map((one) => one.service)).filter(
    (service) => service !== blamed && !guilty.has(service),
  );
  const line = well.length === 0 ? [] : [`${well.join(', ')}: nothing abnormal there.`];
  const about = blamed === null ? said : said.toSorted((a, b) => mentions(b, blamed) - mentions(a, blamed));
  return [...line, ...unique(about)].slice(0, mostRuledOut);
}

function mentions(text: string, service: string): number {
  return Number(text.includes(service));
}

function field(data: Json | undefined, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function clamp(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
