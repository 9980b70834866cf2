import type { EvidenceKind, Observation } from '../domain/evidence.ts';
import type { KnownSecrets } from '../platform/known-secrets.ts';
import { maskSeen } from '../platform/mask-seen.ts';
import type { Rows } from '../ports/record.ts';

/** What anybody may have written into it; the rest is code, plans of statements and numbers. */
const writtenByAnybody: readonly EvidenceKind[] = ['log', 'trace', 'alert'];

/**
 * The one gate of everything that is kept of what was seen and said: own secrets by value first, then, of what was seen, by
 * rule. Masked before a hash is taken. Plans, approvals and executions are as they are: they are pinned by digests, their
 * undo needs exact bytes, and what the room is shown of them goes through `outbox`.
 */
export function maskRows(rows: Rows, secrets: KnownSecrets): Rows {
  const { mask, maskJson } = secrets;
  return {
    ...rows,
    deliveries: {
      ...rows.deliveries,
      quarantine: (source, body, reason) => rows.deliveries.quarantine(source, mask(body), mask(reason)),
    },
    alerts: { ...rows.alerts, record: (alert) => rows.alerts.record(maskJson(alert)) },
    incidents: {
      ...rows.incidents,
      insert: (incident) => rows.incidents.insert(maskJson(incident)),
      update: (id, change) => rows.incidents.update(id, maskJson(change)),
    },
    timeline: {
      ...rows.timeline,
      append: (incidentId, event) => rows.timeline.append(incidentId, maskJson(event)),
    },
    investigations: {
      ...rows.investigations,
      ensure: (investigation) => rows.investigations.ensure(maskJson(investigation)),
      update: (id, change) => rows.investigations.update(id, maskJson(change)),
    },
    conversations: {
      ...rows.conversations,
      begin: (conversation) => rows.conversations.begin(maskJson(conversation)),
      ask: (id, turn, mayAsk) => rows.conversations.ask(id, maskJson(turn), mayAsk),
      keepResult: (id, number, result) => rows.conversations.keepResult(id, number, maskJson(result)),
    },
    evidence: {
      ...rows.evidence,
      keep: (incidentId, investigationId, key, seen) =>
        rows.evidence.keep(incidentId, investigationId, mask(key), maskObservation(maskJson(seen))),
    },
    findings: {
      ...rows.findings,
      state: (incidentId, investigationId, service, claims) =>
        rows.findings.state(incidentId, investigationId, service, maskJson(claims)),
    },
    rootCauses: { ...rows.rootCauses, put: (cause) => rows.rootCauses.put(maskJson(cause)) },
    questions: {
      ...rows.questions,
      insert: (question) => rows.questions.insert(maskJson(question)),
      answer: (id, answer, evidence) => rows.questions.answer(id, mask(answer), evidence),
    },
    peerQuestions: {
      ...rows.peerQuestions,
      ensure: (question) => rows.peerQuestions.ensure(maskJson(question)),
      answer: (id, answer) => rows.peerQuestions.answer(id, maskJson(answer)),
    },
    steers: { ...rows.steers, ensure: (steer) => rows.steers.ensure(maskJson(steer)) },
    outbox: {
      ...rows.outbox,
      put: (incidentId, key, item) => rows.outbox.put(incidentId, key, maskJson(item)),
    },
    knowledge: {
      ...rows.knowledge,
      put: (entry, learned) =>
        rows.knowledge.put(maskJson(entry), learned === undefined ? undefined : maskJson(learned)),
    },
  };
}

function maskObservation(seen: Observation): Observation {
  const is = writtenByAnybody.includes(seen.kind) ? 'text' : 'code';
  const { title, summary, data } = maskSeen(
    { title: seen.title, summary: seen.summary, data: seen.data },
    is,
  );
  // Asked again by people: an expression must stay one, and `token=~"…"` is a matcher.
  return { ...seen, title, summary, data, query: maskSeen(seen.query, 'code') };
}
