import type { Stage } from '../../domain/incident.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { Rows } from '../../ports/record.ts';

const planKinds: ReadonlySet<string> = new Set(['plan.offered', 'plan.announced', 'plan.none']);

/** The agents' own word on what is to be done; a plan that a person asked for is not theirs. */
function isAgents({ kind, actor }: TimelineEntry): boolean {
  return planKinds.has(kind) && !actor.startsWith('user:');
}

/**
 * Where the story goes on once nothing is carried out any more. A fix may come before the agents have ended, and an alert
 * may have sent them to look anew meanwhile: what they have not said, or nobody has weighed, still belongs to the story.
 */
export async function stageAfterFix(rows: Rows, incidentId: string): Promise<Stage> {
  const investigations = await rows.investigations.ofIncident(incidentId);
  if (investigations.some((one) => one.state === 'queued' || one.state === 'running')) return 'triage';
  const told = await rows.timeline.ofIncident(incidentId);
  const kinds = told.map(({ kind }) => kind);
  const settled = kinds.lastIndexOf('root-cause.settled');
  const weighed = Math.max(settled, kinds.lastIndexOf('root-cause.kept'));
  const said = kinds.findLastIndex((kind) => kind === 'finding.stated' || kind === 'investigation.failed');
  if (settled === -1 || said > weighed) return 'triage';
  const planned = told.findLastIndex(isAgents);
  return planned > settled ? 'approval' : 'planning';
}
