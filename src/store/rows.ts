import { type KnownSecrets, noSecrets } from '../platform/known-secrets.ts';
import type { Record, Rows } from '../ports/record.ts';
import { createAlerts } from './alerts.ts';
import { sealDelegations, sealExecutions, sealHalts, sealPlans } from './audit-seals.ts';
import { createConversations } from './conversations.ts';
import { createDelegations } from './delegations.ts';
import { createDeliveries } from './deliveries.ts';
import { createEvidenceRows } from './evidence.ts';
import { createExecutions } from './executions.ts';
import { createFindings } from './findings.ts';
import { createHalts } from './halts.ts';
import { createIncidents } from './incidents.ts';
import { createInvestigations } from './investigations.ts';
import { createKnowledge } from './knowledge.ts';
import { maskRows } from './mask-rows.ts';
import { createOutbox } from './outbox.ts';
import { createPeerQuestions } from './peer-questions.ts';
import { createPlans } from './plans.ts';
import { createQuestions } from './questions.ts';
import { createRootCauses } from './root-causes.ts';
import type { RootSession, Session } from './session.ts';
import { createSteers } from './steers.ts';
import { createTargetLocks } from './target-locks.ts';
import { createTimeline } from './timeline.ts';

export function createRows(session: Session, secrets: KnownSecrets = noSecrets): Rows {
  const rows: Rows = {
    deliveries: createDeliveries(session),
    alerts: createAlerts(session),
    incidents: createIncidents(session),
    timeline: createTimeline(session),
    investigations: createInvestigations(session),
    conversations: createConversations(session),
    evidence: createEvidenceRows(session),
    findings: createFindings(session),
    rootCauses: createRootCauses(session),
    plans: sealPlans(session, createPlans(session)),
    executions: sealExecutions(session, createExecutions(session)),
    targetLocks: createTargetLocks(session),
    halts: sealHalts(session, createHalts(session)),
    delegations: sealDelegations(session, createDelegations(session)),
    questions: createQuestions(session),
    peerQuestions: createPeerQuestions(session),
    steers: createSteers(session),
    outbox: createOutbox(session),
    knowledge: createKnowledge(session),
    async now() {
      const { now } = await session.db.selectNoFrom(session.now().as('now')).executeTakeFirstOrThrow();
      return now;
    },
  };
  return maskRows(rows, secrets);
}

export function createRecord(
  session: RootSession,
  close: () => Promise<void>,
  secrets: KnownSecrets = noSecrets,
): Record {
  return {
    ...createRows(session, secrets),
    transaction: (work) => session.transaction((inner) => work(createRows(inner, secrets))),
    close,
  };
}
