import type { Json } from '../platform/canonical-json.ts';
import type { Approval } from './approval.ts';
import type { AuditProblem } from './audit-report.ts';
import type { TimelineEntry } from './timeline.ts';

/** What a timeline entry says of a plan, a halt or an anchor. */
export interface Mark {
  readonly seq: number;
  readonly kind: string;
  readonly actor: string;
  readonly data: { readonly [key: string]: Json };
}

/** Rows of one incident that its timeline must speak of. */
export interface IncidentRows {
  readonly plans: readonly { readonly id: string; readonly digest: string }[];
  readonly approvals: readonly Omit<Approval, 'at'>[];
  readonly executions: readonly { readonly id: string; readonly planId: string }[];
}

const decisionKinds = {
  approve: 'plan.approved',
  'self-run': 'plan.approved',
  reject: 'plan.rejected',
  'break-glass': 'plan.broke-glass',
} satisfies Record<Approval['decision'], string>;

const marking = new Set([
  'plan.offered',
  'plan.announced',
  'execution.started',
  'halt.raised',
  'halt.lifted',
  'audit.anchored',
  ...Object.values(decisionKinds),
]);

/** Null for an entry that speaks of no row. */
export function markOf({ seq, kind, actor, data }: TimelineEntry): Mark | null {
  if (!marking.has(kind) || typeof data !== 'object' || data === null || Array.isArray(data)) return null;
  return { seq, kind, actor, data: data as Mark['data'] };
}

/** Every plan was offered, every approval clicked and every execution begun in the timeline, and the other way round. */
export function compareRows(stream: string, rows: IncidentRows, marks: readonly Mark[]): AuditProblem[] {
  const problems: AuditProblem[] = [];
  const report = (seq: number | null, text: string) => problems.push({ stream, seq, fault: 'row', text });
  const unmatched = new Set(marks);
  const take = (isIt: (mark: Mark) => boolean): boolean => {
    const found = [...unmatched].find(isIt);
    return found !== undefined && unmatched.delete(found);
  };

  const digests = new Map(rows.plans.map(({ id, digest }) => [id, digest]));
  for (const { id, digest } of rows.plans) {
    if (!take((mark) => isOffer(mark) && isAbout(mark, id) && mark.data['digest'] === digest)) {
      report(null, `plan ${id} was not offered with the digest that it has: it was put there or changed.`);
    }
  }
  for (const approval of rows.approvals) {
    if (!take((mark) => isDecision(mark, approval))) {
      report(
        null,
        `approval ${approval.id} (${approval.decision} by ${approval.userId} on plan ${approval.planId}) has no entry that says so: it was put there or changed.`,
      );
    }
  }
  for (const { id, planId } of rows.executions) {
    const begun = (mark: Mark) =>
      mark.kind === 'execution.started' &&
      isAbout(mark, planId) &&
      agrees(mark, 'executionId', id) &&
      agrees(mark, 'digest', digests.get(planId) ?? null);
    if (!take(begun)) report(null, `execution ${id} of plan ${planId} has no entry that it began.`);
  }
  for (const mark of unmatched) {
    const row = rowOf(mark);
    if (row !== null) report(mark.seq, `the ${row} that the entry speaks of is gone or was changed.`);
  }
  return problems;
}

/** The last word of the timeline on a halt is what is in force. */
export function compareHalts(
  stream: string,
  inForce: readonly string[],
  marks: readonly Mark[],
): AuditProblem[] {
  const raised = new Map<string, number>();
  for (const { kind, data, seq } of marks) {
    const id = data['haltId'];
    if (typeof id !== 'string') continue;
    if (kind === 'halt.raised') raised.set(id, seq);
    if (kind === 'halt.lifted') raised.delete(id);
  }
  const lifted = [...raised].filter(([id]) => !inForce.includes(id));
  const invented = inForce.filter((id) => !raised.has(id));
  return [
    ...lifted.map(([id, seq]): AuditProblem => {
      return { stream, seq, fault: 'row', text: `halt ${id} is no longer in force, and nobody lifted it.` };
    }),
    ...invented.map((id): AuditProblem => {
      return { stream, seq: null, fault: 'row', text: `halt ${id} is in force, and nobody raised it.` };
    }),
  ];
}

function isOffer(mark: Mark): boolean {
  return mark.kind === 'plan.offered' || mark.kind === 'plan.announced';
}

function isAbout(mark: Mark, planId: string): boolean {
  return mark.data['planId'] === planId;
}

function isDecision(mark: Mark, approval: Omit<Approval, 'at'>): boolean {
  const actor = approval.decision === 'self-run' ? approval.userId : `user:${approval.userId}`;
  return (
    mark.kind === decisionKinds[approval.decision] &&
    mark.actor === actor &&
    isAbout(mark, approval.planId) &&
    mark.data['digest'] === approval.digest &&
    agrees(mark, 'reason', approval.reason) &&
    agrees(mark, 'inNameOf', approval.inNameOf)
  );
}

/** What an entry leaves out it says nothing against. Entries are kept in Unicode's composed form, rows as they came. */
function agrees(mark: Mark, key: string, value: string | null): boolean {
  const said = mark.data[key];
  return said === undefined || said === (value?.normalize('NFC') ?? null);
}

function rowOf(mark: Mark): string | null {
  if (isOffer(mark)) return 'plan';
  if (mark.kind === 'execution.started') return 'execution';
  return Object.values(decisionKinds).includes(mark.kind) ? 'decision' : null;
}
