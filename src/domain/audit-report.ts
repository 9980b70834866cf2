import type { Anchor } from './audit-anchor.ts';

export type AuditFault =
  /** An entry does not have the hash of what it says. */
  | 'edited'
  /** Entries between others are gone. */
  | 'missing'
  /** An entry stands at another place than the one it was written for. */
  | 'out-of-order'
  /** An entry does not follow from the one before it. */
  | 'unlinked'
  /** Entries, or all of them, are gone from the end. */
  | 'cut-tail'
  /** The end of a stream is missing, or was not sealed with our key. */
  | 'forged-head'
  /** Entries stand after the sealed end. */
  | 'after-the-end'
  /** The hashes agree with each other and not with the sealed end, or not with an anchor. */
  | 'rewritten'
  /** The chain of anchors itself does not hold. */
  | 'anchor'
  /** A plan, approval, execution, halt or delegation is not what the timeline says, or not what was sealed. */
  | 'row';

export interface AuditProblem {
  /** Incident, or `system`; null for what belongs to no stream. */
  readonly stream: string | null;
  /** First entry concerned; null where no entry is. */
  readonly seq: number | null;
  readonly fault: AuditFault;
  /** One sentence. */
  readonly text: string;
}

export interface AuditCounts {
  streams: number;
  entries: number;
  anchors: number;
  plans: number;
  approvals: number;
  executions: number;
  halts: number;
  delegations: number;
}

export interface AuditReport {
  readonly holds: boolean;
  readonly checked: Readonly<AuditCounts>;
  readonly newestAnchor: Anchor | null;
  /** The one that was asked for and found; null when none was asked for, or it is not there. */
  readonly extendedAnchor: Anchor | null;
  /** At most one of the chain per stream: the first. The first thousand of all. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}

/** For people: counts, then what is wrong. */
export function sayReport(report: AuditReport): string {
  const { checked, newestAnchor, extendedAnchor, problems, problemCount } = report;
  const seen = `${count(checked.streams, 'timeline')}, ${count(checked.entries, 'entry', 'entries')}, ${count(checked.anchors, 'anchor')}; ${count(checked.plans, 'plan')}, ${count(checked.approvals, 'approval')}, ${count(checked.executions, 'execution')}, ${count(checked.halts, 'halt')}, ${count(checked.delegations, 'delegation')}`;
  const lines = [report.holds ? `The audit holds: ${seen}.` : `The audit is BROKEN. Checked: ${seen}.`, ''];
  if (report.holds) lines.pop();
  for (const problem of problems) lines.push(`✗ ${placeOf(problem)}: ${problem.text}`);
  if (problemCount > problems.length) lines.push(`… and ${problemCount - problems.length} more.`);
  if (extendedAnchor !== null && report.holds) {
    lines.push(`This record extends anchor ${extendedAnchor.number} of ${extendedAnchor.at.toISOString()}.`);
  }
  if (newestAnchor !== null && report.holds && extendedAnchor === null) {
    lines.push(
      `Newest anchor: ${newestAnchor.number} of ${newestAnchor.at.toISOString()}, ${newestAnchor.digest}`,
      'Compare with an anchor kept outside the database: npm run warroom -- audit verify --anchor DIGEST',
    );
  }
  return `${lines.join('\n')}\n`;
}

function placeOf(problem: AuditProblem): string {
  if (problem.stream === null) return 'record';
  return problem.seq === null ? problem.stream : `${problem.stream}, entry ${problem.seq}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
