import type { Claim } from '../../domain/finding.ts';
import { isRankedByCode } from '../../domain/ranked-commits.ts';
import { explainError } from '../../platform/errors.ts';
import type { Assignment, Notebook, Sources } from '../investigator.ts';
import { verifyPatch } from './verify-patch.ts';
import type { WrittenPatch } from './written-patch.ts';

/** Below this a cause is not even likely, and nothing is tried for it. */
const likelyFrom = 0.22;

/** Puts a model's patch on its claim, provided that code has tried it; else one sentence in the thread says why not. */
export async function proposePatch(
  claims: readonly Claim[],
  patch: WrittenPatch,
  { assignment, sources, notebook }: { assignment: Assignment; sources: Sources; notebook: Notebook },
  signal: AbortSignal,
): Promise<readonly Claim[]> {
  const { service } = assignment;
  const cause = claims
    .filter((claim) => claim.kind === 'cause' && (claim.blames?.service ?? service.name) === service.name)
    .toSorted((a, b) => b.confidence - a.confidence)[0];
  const say = async (reason: string): Promise<readonly Claim[]> => {
    await notebook.limit(`Claude's patch is not proposed: ${reason}`);
    return claims;
  };
  if (cause === undefined || cause.confidence < likelyFrom)
    return say(`nothing that code measured says that the fault is in ${service.name}.`);
  if ((cause.proposes?.length ?? 0) > 0) return say('another fix follows from what was measured.');
  const named = cause.blames?.commit ?? null;
  const evidence = await notebook.evidence();
  const commit = named !== null && isRankedByCode(named, service.name, evidence) ? named : null;
  await notebook.step('patch', 'Trying Claude’s patch in a fresh sandbox', 'running');
  try {
    const verdict = await verifyPatch({ trying: sources, service, commit, notebook }, patch, signal);
    await notebook.step(
      'patch',
      verdict.stands
        ? `Tried Claude’s patch: its check fails without it and passes with it (evidence ${verdict.evidence})`
        : 'Claude’s patch does not stand',
      verdict.stands ? 'done' : 'failed',
    );
    if (!verdict.stands) return say(verdict.reason);
    return claims.map((claim) =>
      claim === cause
        ? { ...claim, proposes: [verdict.remedy], evidence: [...claim.evidence, verdict.evidence] }
        : claim,
    );
  } catch (error) {
    signal.throwIfAborted();
    await notebook.step('patch', 'Claude’s patch could not be tried', 'failed');
    return say(`it could not be tried. ${explainError(error)}`);
  }
}
