import type { Answer, Click, PlanButton } from '../domain/approval.ts';
import type { Incident, Severity } from '../domain/incident.ts';
import type { SimilarIncidents } from '../domain/past-incident.ts';
import type { ProposedRemedy } from '../domain/plan.ts';
import type { IncidentView } from '../domain/room.ts';

/** With what was compared, in words. */
export interface SimilarAnswer extends SimilarIncidents {
  readonly about: string;
}

/** What people can ask of the flow from Slack; the composer connects these. */
export interface FlowActions {
  /** Approve, reject or break the glass. */
  decide(click: Click): Promise<Answer>;
  /** Stops a plan that is announced to run by itself: it then waits for a click. Every member may. */
  stop(button: PlanButton): Promise<Answer>;
  /** Takes back what a plan did. Who may approve it may undo it. */
  undo(button: PlanButton & { readonly reason: string }): Promise<Answer>;
  /** Makes an expired or void plan anew from the state of things now. Every member may. */
  renew(button: PlanButton): Promise<Answer>;
  /** Puts a question about a plan to the service's agent; the answer comes into the plan's thread. */
  ask(button: PlanButton & { readonly text: string }): Promise<Answer>;
  /** A person's own plan: they may not approve it. */
  propose(request: {
    incidentId: string;
    userId: string;
    remedies: readonly ProposedRemedy[];
  }): Promise<Answer>;
  /** Stops all execution everywhere. Every member may. */
  halt(request: { userId: string; reason: string }): Promise<Answer>;
  lift(request: { userId: string; reason: string }): Promise<Answer>;
  /** Hands one's right to approve to another person for a while. */
  delegate(request: { from: string; to: string; hours: number; reason: string }): Promise<Answer>;
  /** Takes back whatever one has handed on. */
  revoke(userId: string): Promise<Answer>;
  /** What a person wrote in a thread: it may be an agent's. */
  steer(message: {
    channelId: string;
    threadTs: string;
    ts: string;
    userId: string;
    text: string;
  }): Promise<
    { readonly heard: 'not-ours' | 'heard' } | { readonly heard: 'refused'; readonly reason: string }
  >;
  declare(request: {
    title: string;
    severity: Severity;
    services: readonly string[];
    userId: string;
  }): Promise<Incident>;
  resolve(request: {
    incidentId: string;
    userId: string;
    note: string;
  }): Promise<'resolved' | 'already-resolved'>;
  /** What a service's agent has in front of it, in lines of text; of an incident, or as one would begin now. */
  context(request: { service: string; incidentId: string | null }): Promise<readonly string[]>;
  /** Past incidents like these words, or like an incident; null when neither was given. */
  similar(request: { text: string; incidentId: string | null }): Promise<SimilarAnswer | null>;
  /** One incident, or all open ones when `incidentId` is null. */
  status(incidentId: string | null): Promise<readonly IncidentView[]>;
}
