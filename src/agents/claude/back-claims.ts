import { type Evidence, isTrialOfFix } from '../../domain/evidence.ts';
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
 * does the model's being sure. Confidence is only ever lowered.
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
    if (!isToldByEngine(own, service, briefing) && !evidence.some((row) => showsTrouble(row, service))) {
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
    return claim;
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

/** What code itself judged to be trouble of this service; a row that merely exists shows nothing. */
function showsTrouble(row: Evidence, service: string): boolean {
  if (row.service !== service || row.empty || isTrialOfFix(row)) return false;
  switch (row.kind) {
    case 'metric':
      return listOf(row.data, 'moved').length > 0;
    case 'trace':
      return listOf(row.data, 'origins').some((origin) => field(origin, 'service') === service);
    case 'check':
    case 'database':
      return true;
    default:
      return false;
  }
}

function listOf(data: Json, key: string): readonly Json[] {
  const value = field(data, key);
  return Array.isArray(value) ? value : [];
}

function field(data: Json, key: string): Json | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  return (data as { readonly [key: string]: Json })[key];
}
