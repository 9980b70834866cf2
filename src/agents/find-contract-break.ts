import type { Claim } from '../domain/finding.ts';
import type { Notebook } from './investigator.ts';
import { cite, type Look, readService } from './look-at-service.ts';
import { sayCommit, sayTime } from './say-claims.ts';
import { addPeerTexts, borrowSymptoms, collectSymptoms } from './signals/collect-symptoms.ts';
import { rankFor, readRepository } from './signals/commit-signals.ts';
import { observeRanked } from './tools/show-commit.ts';
import type { ToolContext } from './tools/tool.ts';

const scoreNeeded = 0.38;
const marginNeeded = 0.25;

/**
 * A service may answer quickly, well-formed and wrong: nothing shows in its own telemetry, only its callers stumble. So
 * its commits are read against the callers' words as well.
 */
export async function findContractBreak(
  context: ToolContext,
  look: Look,
  notebook: Notebook,
  signal: AbortSignal,
): Promise<Claim | null> {
  const { assignment, desk } = context;
  const { service } = assignment;
  const askers = new Set((assignment.asked ?? []).map((question) => question.from));
  const callers = assignment.catalogue.services.filter(
    (one) => one.dependsOn.includes(service.name) || askers.has(one.name),
  );
  const looks = await Promise.all(callers.map((caller) => readService(context, caller.name)));
  // Wrong content makes callers fail or ask wrongly; silence and slowness are another matter.
  const troubled = looks.filter(
    ({ judgement }) =>
      // Whoever asks holds this service's answers against it, and has said so.
      (judgement.own >= 0.3 || askers.has(judgement.service)) &&
      judgement.abnormal >= 0.4 &&
      judgement.origins.some((origin) => origin.kind === 'failed' || origin.kind === 'rejected'),
  );
  if (troubled.length === 0) return null;
  const view = await readRepository(desk.sources.source, service, look.window.onset, signal).catch(
    () => null,
  );
  if (view === null) return null;
  const symptoms = borrowSymptoms(
    collectSymptoms(look.judgement, look.signals, look.window),
    await Promise.all(
      troubled.map(async (one) => {
        const symptoms = collectSymptoms(one.judgement, one.signals, one.window);
        const peers = symptoms.peers.filter((peer) => peer !== service.name).slice(0, 3);
        const heard = await Promise.all(
          peers.map(async (peer) => ({ service: peer, logs: await desk.logs(peer) })),
        );
        return { judgement: one.judgement, symptoms: addPeerTexts(symptoms, heard) };
      }),
    ),
  );
  const [best] = rankFor(view, symptoms);
  if (best === undefined || best.score < scoreNeeded || best.margin < marginNeeded) return null;
  const kept = await notebook.keep(
    `commit:${best.commit.sha}`,
    observeRanked(service.name, best, view.diffs.get(best.commit.sha) ?? '', 0),
  );
  const names = troubled.map((one) => one.service).join(', ');
  return {
    kind: 'cause',
    text: `${service.name} may answer ${names} wrongly since ${sayTime(look.window.onset)}: ${sayCommit(best)}.`,
    evidence: [kept.number, ...cite(look.evidence, ['trace', 'metric'])],
    blames: { service: service.name, commit: best.commit.sha },
    // Seen from outside only: never enough to be sure.
    confidence: Math.min(0.39, best.score * 0.8),
  };
}
