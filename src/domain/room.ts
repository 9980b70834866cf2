import type { Approval, Refusal } from './approval.ts';
import type { Chart } from './chart.ts';
import type { FindingKind } from './finding.ts';
import type { IncidentStatus, Severity } from './incident.ts';
import type {
  InvestigationRole,
  InvestigationState,
  InvestigationStep,
  InvestigatorName,
} from './investigation.ts';
import type { PeerAnswer } from './peer-question.ts';
import type { PlanState } from './plan.ts';
import type { Reasoning } from './reasoning.ts';
import type { Outcome } from './root-cause.ts';

/**
 * What the war room shows, in our own words; `src/slack` turns it into Block Kit. Values are snapshots of rows, JSON only
 * (times are ISO 8601 strings), so that the outbox can keep them and a message can be rendered again at any time.
 */
export type RoomItem =
  | { readonly type: 'channel'; readonly name: string; readonly topic: string; readonly purpose: string }
  | { readonly type: 'invite'; readonly people: readonly string[] }
  | { readonly type: 'bookmark'; readonly title: string; readonly url: string; readonly emoji: string }
  | {
      readonly type: 'message';
      readonly view: RoomView;
      /** Key of the message whose thread this one belongs to. */
      readonly thread?: string;
      readonly pin?: boolean;
      /** Another channel than the incident's own (`C…` or `#name`); for what the whole company must hear. */
      readonly channel?: string;
    }
  /** A picture in the thread of the message with this key; null takes an earlier one away. */
  | { readonly type: 'chart'; readonly chart: Chart | null; readonly thread: string };

export type RoomView =
  | IncidentView
  | AgentView
  | FindingView
  | PeerQuestionView
  | RootCauseView
  | PlanView
  | OutcomeView
  | PostmortemView
  | NoticeView;

export interface EvidenceRef {
  readonly number: number;
  readonly kind: string;
  readonly title: string;
  readonly summary: string;
}

/** The pinned card, edited in place from the first alert to the end. */
export interface IncidentView {
  readonly view: 'incident';
  readonly incidentId: string;
  readonly title: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly alerts: readonly {
    name: string;
    service: string;
    summary: string;
    firing: boolean;
    url: string | null;
  }[];
  readonly agents: readonly {
    service: string;
    role: InvestigationRole;
    state: InvestigationState;
    verdict: string | null;
  }[];
  readonly rootCause: string | null;
  readonly fix: string | null;
  /** The past incident that this one looks like beyond doubt, and what helped then. */
  readonly similar?: string;
  /** What all its agents have cost so far; null without a model. */
  readonly spent?: SpentView | null;
  readonly investigator: InvestigatorName;
}

/** Head of one agent's thread. */
export interface AgentView {
  readonly view: 'agent';
  readonly service: string;
  readonly role: InvestigationRole;
  readonly state: InvestigationState;
  readonly investigator: InvestigatorName;
  readonly reasons: readonly string[];
  readonly steps: readonly InvestigationStep[];
  readonly limits: readonly string[];
  /** What it asked and was asked, oldest first. */
  readonly peers?: readonly PeerLine[];
  /** What it thought and how it tried to refute it, once it has reported. */
  readonly reasoning?: Reasoning | null;
  /** What its conversation with a model has cost so far; null without one. */
  readonly spent?: SpentView | null;
  /** The agent's strongest finding once it has one. */
  readonly verdict: string | null;
}

export interface SpentView {
  readonly turns: number;
  /** In and out. */
  readonly tokens: number;
  /** Of what went in, 0–100. */
  readonly cachedPercent: number;
  /** US; null where no price is known. */
  readonly dollars: number | null;
  /** Some turns have no known price, or were not answered and are estimated: it may be another sum. */
  readonly isEstimate: boolean;
}

/** What two agents said to each other, on the card of one of them. */
export interface PeerLine {
  readonly peer: string;
  /** Who asked: the agent whose card it is, or the other one. */
  readonly asked: 'it' | 'peer';
  readonly text: string;
  readonly answer: Pick<PeerAnswer, 'verdict' | 'text'> | null;
}

/** One question to another service's agent, in the asker's thread; edited when the answer comes. */
export interface PeerQuestionView {
  readonly view: 'peer-question';
  readonly incidentId: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly evidence: readonly EvidenceRef[];
  readonly answer: {
    readonly verdict: PeerAnswer['verdict'];
    readonly text: string;
    readonly evidence: readonly EvidenceRef[];
  } | null;
}

export interface FindingView {
  readonly view: 'finding';
  readonly incidentId: string;
  readonly service: string;
  readonly kind: FindingKind;
  readonly text: string;
  readonly confidence: number;
  readonly evidence: readonly EvidenceRef[];
}

export interface RootCauseView {
  readonly view: 'root-cause';
  readonly incidentId: string;
  readonly outcome: Outcome;
  readonly service: string | null;
  readonly commit: { sha: string; subject: string; author: string; url: string | null } | null;
  readonly statement: string;
  readonly path: readonly string[];
  readonly evidence: readonly EvidenceRef[];
  readonly ruledOut: readonly string[];
  readonly nextChecks: readonly string[];
  /** What stays open between agents, a sentence each. */
  readonly open?: readonly string[];
  readonly investigator: InvestigatorName;
}

/** Rendered from `canonical` alone; the rest says what became of it. */
export interface PlanView {
  readonly view: 'plan';
  readonly planId: string;
  readonly canonical: string;
  readonly digest: string;
  readonly nonce: string;
  readonly state: PlanState;
  readonly expiresAt: string;
  /** Who may decide: user ids, group ids, handles. */
  readonly approvers: readonly string[];
  /** Different people that must approve. */
  readonly needed: number;
  /** Everybody who decided so far, oldest first. */
  readonly decisions: readonly {
    by: string;
    decision: Approval['decision'];
    inNameOf: string | null;
    at: string;
    reason: string | null;
  }[];
  /** Clicks that did not count, latest last, a few: the card answers everybody. */
  readonly refused: readonly { by: string; refusal: Refusal; at: string }[];
  /** When it begins by itself unless it is stopped; null when a person decides. */
  readonly runsAt: string | null;
  /** Seconds until then, rounded so that a card is not edited every second; null with `runsAt`. */
  readonly secondsLeft: number | null;
  /** Why it waits for a person although the mode would let it run; null otherwise. */
  readonly whyAsked: string | null;
  /** What was done and can be taken back by a click. */
  readonly undoable: boolean;
  /** Expired or void, and may be made anew from the state of things now. */
  readonly renewable: boolean;
  /** Set while nothing may be executed anywhere. */
  readonly halted: { by: string; reason: string } | null;
  /** Break-glass exists in this installation. */
  readonly breakGlass: boolean;
  /** What happened after the click, one line each, newest last. */
  readonly progress: readonly string[];
  readonly evidence: readonly EvidenceRef[];
}

export interface OutcomeView {
  readonly view: 'outcome';
  readonly result: 'helped' | 'unmeasured' | 'rolled-back' | 'failed';
  readonly headline: string;
  readonly expression: string;
  readonly before: { at: string; value: number | null } | null;
  readonly after: { at: string; value: number | null } | null;
  /** What each remedy's own check said, a sentence each. */
  readonly checks: readonly string[];
  readonly links: readonly { label: string; url: string }[];
}

export interface PostmortemView {
  readonly view: 'postmortem';
  readonly title: string;
  readonly markdown: string;
}

export interface NoticeView {
  readonly view: 'notice';
  readonly tone: 'info' | 'good' | 'warning' | 'bad';
  readonly text: string;
  /** Slack id of the person who did it. Text itself never names people by id: what it quotes must not notify anybody. */
  readonly by?: string;
}

/** A row of the outbox as the deliverer gets it. */
export interface OutboxEntry {
  readonly id: string;
  readonly incidentId: string;
  readonly key: string;
  readonly item: RoomItem;
  readonly version: number;
  readonly deliveredVersion: number;
  /** Slack's id of the message once it was posted. */
  readonly externalId: string | null;
  readonly attempts: number;
}
