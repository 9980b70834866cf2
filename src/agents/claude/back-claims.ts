import { type Evidence, isRanking, showsTrouble } from '../../domain/evidence.ts';
import type { Claim } from '../../domain/finding.ts';
import { isRankedByCode } from '../../domain/ranked-commits.ts';
import type { Json } from '../../platform/canonical-json.ts';

/** So far below what makes a cause likely that no blame by others lifts it there: it is heard, and nothing follows from it. */
const unbacked = 0.15;

export interface Backed {
  readonly claims: readonly Claim[];
  /** What was made of claims that code could not back, a sentence each. */
  readonly limits: readonly string[];
  readonly nextChecks: readonly string[];
}

/**
 * A model's cause against what code saw for itself: the blamed service has to be abnormal by its own metrics, traces, tests
 * or database, in the engine's briefing or in rows that code judged. Text that anybody can write backs nothing, and neither
 * does the model's being sure. Confidence is only ever lowered. What code saw of the same trouble is cited beside what the model
 * chose to look at: whether the cause is confirmed, and carries a plan, then rests on code's own looks.
 */
export function backClaims(
  own: string,
  claims: readonly Claim[],
  briefing: readonly Claim[],
  evidence: readonly Evidence[],
): Backed {
  const limits = new Set<string>();
  const nextChecks = new Set<string>();
  const backed = claims.map((claim) => {
    if (claim.kind !== 'cause') return claim;
    const service = claim.blames?.service ?? own;
    const commit = claim.blames?.commit;
    if (!isToldByEngine(own, service, briefing) && !evidence.some((row) => isTroubleAt(row, service))) {
      limits.add(
        `Claude blames ${service}, but nothing that code measured shows trouble there: it does not count.`,
      );
      nextChecks.add(`Look at ${service} by hand: Claude blames it, its telemetry does not.`);
      return { ...claim, confidence: Math.min(claim.confidence, unbacked) };
    }
    if (commit !== undefined && !isRankedByCode(commit, service, evidence))
      nextChecks.add(
        `Read commit ${commit.slice(0, 10)} of ${service}: Claude names it, the ranking by code does not put it first.`,
      );
    return { ...claim, evidence: citeOwnLooks(claim, service, evidence) };
  });
  return { claims: backed, limits: [...limits], nextChecks: [...nextChecks] };
}

function isToldByEngine(own: string, service: string, briefing: readonly Claim[]): boolean {
  return briefing.some((claim) =>
    claim.kind === 'symptom'
      ? own === service
      : claim.kind !== 'healthy' && (claim.blames?.service ?? own) === service,
  );
}

/** Trouble that begins there, and not in what anybody can write. */
function isTroubleAt(row: Evidence, service: string): boolean {
  if (row.service !== service || row.kind === 'log' || !showsTrouble(row)) return false;
  return row.kind !== 'trace' || listOf(row.data, 'origins').some((one) => field(one, 'service') === service);
}

/** What the claim cites, and of each kind that shows trouble there one row of code's own where it cites none. */
function citeOwnLooks(claim: Claim, service: string, evidence: readonly Evidence[]): number[] {
  const cited = evidence.filter((row) => claim.evidence.includes(row.number));
  const shown = new Set(
    cited.filter((row) => row.service === service && showsTrouble(row)).map((row) => row.kind),
  );
  const more: number[] = [];
  for (const row of evidence) {
    if (row.service !== service || shown.has(row.kind) || !showsTrouble(row)) continue;
    shown.add(row.kind);
    more.push(row.number);
  }
  const commit = claim.blames?.commit;
  const ranked = evidence.find(
    (row) =>
      row.service === service &&
      commit !== undefined &&
      isRanking(row) &&
      isRankedByCode(commit, service, evidence) &&
      isOf(row, commit),
  );
  return [...new Set([...claim.evidence, ...more, ...(ranked === undefined ? [] : [ranked.number])])];
}

function isOf(row: Evidence, commit: string): boolean {
  const sha = field(field(row.data, 'commit'), 'sha');
  return typeof sha === 'string' && sha.startsWith(commit);
}

function listOf(data: Json, key: string): readonly Json[] {
  const value = field(data, key);
  return Array.isArray(value) ? value : [];
}

function field(data: Json | undefined, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}
