import { countHardKinds, type Evidence, isJudged, showsTrouble } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { PeerQuestion } from './peer-question.ts';

/** One agent points at a service whose own agent contradicts, and neither says that it begins with itself. */
export interface Dispute {
  readonly accuser: string;
  readonly accused: string;
  /** `blames-back`: each points at the other; `denies`: the accused finds nothing wrong with itself. */
  readonly how: 'blames-back' | 'denies';
  /** By the kinds of evidence that cannot be forged on either side; `open` where they are as many. */
  readonly stands: 'charge' | 'counter' | 'open';
  /** Numbers of what speaks for either side. */
  readonly charge: readonly number[];
  readonly counter: readonly number[];
}

interface Side {
  readonly evidence: readonly number[];
  readonly weight: number;
}

/** Confidence plays no part: who speaks louder has not seen more. */
export function findDisputes(
  heard: readonly Finding[],
  byNumber: ReadonlyMap<number, Evidence>,
  questions: readonly PeerQuestion[],
): Dispute[] {
  const confessed = new Set(
    heard
      .filter((one) => one.kind === 'cause' && (one.blames?.service ?? one.service) === one.service)
      .map((one) => one.service),
  );
  const sideOf = (evidence: readonly number[], counts: (row: Evidence) => boolean): Side => {
    const rows = [...new Set(evidence)].flatMap((number) => byNumber.get(number) ?? []);
    const shown = rows.filter((row) => !row.empty);
    return {
      evidence: shown.map((row) => row.number).toSorted((a, b) => a - b),
      weight: countHardKinds(shown.filter(counts)),
    };
  };
  const chargeOf = (accuser: string, accused: string): Side | null => {
    const claims = heard.filter((one) => one.service === accuser && accuses(one, accused));
    return claims.length === 0
      ? null
      : sideOf(
          claims.flatMap((one) => one.evidence),
          showsTrouble,
        );
  };
  const denialOf = (service: string, accuser: string): Side | null => {
    const claims = heard.filter((one) => one.service === service && one.kind === 'healthy');
    const denied = questions.filter(
      (one) => one.to === service && one.from === accuser && one.answer?.verdict === 'not-mine',
    );
    const said = [...claims, ...denied.flatMap((one) => one.answer ?? [])];
    // That nothing moved is what speaks for it, as long as code says so.
    return said.length === 0
      ? null
      : sideOf(
          said.flatMap((one) => one.evidence),
          isJudged,
        );
  };

  const disputes: Dispute[] = [];
  for (const { service: accuser, blames } of heard) {
    const accused = blames?.service;
    if (accused === undefined || accused === accuser || confessed.has(accuser) || confessed.has(accused))
      continue;
    if (disputes.some((one) => isBetween(one, accuser, accused))) continue;
    const charge = chargeOf(accuser, accused);
    if (charge === null) continue;
    const back = chargeOf(accused, accuser);
    const counter = back ?? denialOf(accused, accuser);
    if (counter === null) continue;
    disputes.push({
      accuser,
      accused,
      how: back === null ? 'denies' : 'blames-back',
      stands:
        charge.weight === counter.weight ? 'open' : charge.weight > counter.weight ? 'charge' : 'counter',
      charge: charge.evidence,
      counter: counter.evidence,
    });
  }
  return disputes;
}

/** The service that the heavier evidence points at; null where neither is heavier, or nobody is left to point at. */
export function pointedAt({ stands, how, accuser, accused }: Dispute): string | null {
  if (stands === 'charge') return accused;
  return stands === 'counter' && how === 'blames-back' ? accuser : null;
}

export function sayDispute(dispute: Dispute): string {
  const { accuser, accused, how, stands, charge, counter } = dispute;
  const said =
    how === 'blames-back'
      ? `${accuser} and ${accused} each point at the other (${sayEvidence(charge)} against ${numbers(counter)})`
      : `${accuser} points at ${accused} (${sayEvidence(charge)}), whose own agent finds nothing wrong there (${sayEvidence(counter)})`;
  if (stands === 'open') return `${said}; not settled.`;
  const at = pointedAt(dispute);
  return at === null
    ? `${said}: what speaks for ${accused} is heavier.`
    : `${said}: what points at ${at} is heavier.`;
}

function accuses(finding: Finding, accused: string): boolean {
  return (finding.kind === 'blame' || finding.kind === 'cause') && finding.blames?.service === accused;
}

function isBetween({ accuser, accused }: Dispute, a: string, b: string): boolean {
  return (accuser === a && accused === b) || (accuser === b && accused === a);
}

function sayEvidence(evidence: readonly number[]): string {
  return evidence.length === 0 ? 'nothing that shows anything' : `evidence ${evidence.join(', ')}`;
}

function numbers(evidence: readonly number[]): string {
  return evidence.length === 0 ? 'nothing' : evidence.join(', ');
}
