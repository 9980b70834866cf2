import { sql } from 'kysely';
import type { Anchor } from '../domain/audit-anchor.ts';
import { checkStream, type StreamCheck, type StreamEnds } from '../domain/audit-chain.ts';
import type { AuditCounts, AuditProblem, AuditReport } from '../domain/audit-report.ts';
import { compareHalts, compareRows, type IncidentRows, type Mark, markOf } from '../domain/audit-rows.ts';
import { type AuditKey, sameSeal, sealHead } from '../domain/audit-seal.ts';
import { systemStream } from '../ports/record.ts';
import { readEntries, readStrays, readStreamFacts, type StreamFacts } from './audit-reads.ts';
import { verifyAnchors } from './audit-verify-anchors.ts';
import { verifySealedRows } from './audit-verify-rows.ts';
import type { Db } from './session.ts';

const mostProblems = 1000;

/**
 * Everything that the record can be held to, in one pass and constant memory: chains, their sealed ends, anchors, and the
 * rows that the timelines speak of. Run it inside a transaction that sees one snapshot.
 * @param wanted digest of an anchor kept outside
 */
export async function verifyRecord(db: Db, auditKey: AuditKey, wanted: string | null): Promise<AuditReport> {
  const problems: AuditProblem[] = [];
  let problemCount = 0;
  const report = (problem: AuditProblem): void => {
    problemCount += 1;
    if (problems.length < mostProblems) problems.push(problem);
  };
  const checked: AuditCounts = {
    streams: 0,
    entries: 0,
    anchors: 0,
    plans: 0,
    approvals: 0,
    executions: 0,
    halts: 0,
    delegations: 0,
  };

  const anchors = await verifyAnchors(db, report);
  checked.anchors = anchors.byDigest.size;
  const systemMarks = await verifyStreams(db, auditKey, checked, report);
  for (const problem of compareAnchors([...anchors.byDigest.values()], systemMarks)) report(problem);
  await verifySealedRows(db, auditKey, checked, report);
  for (const problem of await readStrays(db)) report(problem);
  const inForce = await db.selectFrom('halts').select('id').where('liftedAt', 'is', null).execute();
  for (const problem of compareHalts(
    systemStream,
    inForce.map((halt) => halt.id),
    systemMarks,
  ))
    report(problem);

  const extended = wanted === null ? undefined : anchors.byDigest.get(wanted);
  if (wanted !== null && extended === undefined) {
    report({
      stream: null,
      seq: null,
      fault: 'anchor',
      text: `the anchor ${wanted} is not here: this record is older than it, was changed before it, or is another one.`,
    });
  }
  return {
    holds: problemCount === 0,
    checked,
    newestAnchor: anchors.newest,
    extendedAnchor: extended ?? null,
    problems,
    problemCount,
  };
}

/** @returns what the system's timeline says of anchors and halts */
async function verifyStreams(
  db: Db,
  auditKey: AuditKey,
  checked: AuditCounts,
  report: (problem: AuditProblem) => void,
): Promise<readonly Mark[]> {
  let systemMarks: readonly Mark[] = [];
  const finish = (reading: Reading | null): void => {
    if (reading === null) return;
    const { stream, facts, marks } = reading;
    const broken = reading.check.end();
    if (broken !== null) report(broken);
    if (stream === systemStream) systemMarks = marks;
    else if (!facts.incident) {
      report({ stream, seq: null, fault: 'row', text: 'the row of this incident is gone.' });
    }
    for (const problem of compareRows(stream, facts.rows, marks)) report(problem);
    checked.streams += 1;
  };

  let reading: Reading | null = null;
  let last: { incidentId: string; seq: number } | null = null;
  for (;;) {
    const page = await readEntries(db, last);
    if (page.length === 0) break;
    const streams = [...new Set(page.map((entry) => entry.incidentId))];
    const facts = await readStreamFacts(db, streams);
    for (const entry of page) {
      if (reading?.stream !== entry.incidentId) {
        finish(reading);
        reading = begin(auditKey, entry.incidentId, facts);
      }
      reading.check.take(entry);
      const mark = markOf(entry);
      if (mark !== null) reading.marks.push(mark);
      checked.entries += 1;
      last = entry;
    }
  }
  finish(reading);
  const silent = await readSilentStreams(db);
  const facts = await readStreamFacts(db, silent);
  for (const stream of silent) finish(begin(auditKey, stream, facts));
  return systemMarks;
}

interface Reading {
  readonly stream: string;
  readonly check: StreamCheck;
  readonly facts: { readonly incident: boolean; readonly rows: IncidentRows };
  readonly marks: Mark[];
}

function begin(auditKey: AuditKey, stream: string, all: StreamFacts): Reading {
  const head = all.heads.get(stream);
  const ends: StreamEnds = {
    head:
      head === undefined
        ? null
        : { ...head, sealed: sameSeal(sealHead(auditKey, { ...head, stream }), head.mac) },
    anchored: all.anchored.get(stream) ?? [],
  };
  const rows = {
    plans: all.plans.get(stream) ?? [],
    approvals: all.approvals.get(stream) ?? [],
    executions: all.executions.get(stream) ?? [],
  };
  return {
    stream,
    check: checkStream(stream, ends),
    facts: { incident: all.incidents.has(stream), rows },
    marks: [],
  };
}

/** Streams that should have entries and have none. */
async function readSilentStreams(db: Db): Promise<string[]> {
  const { rows } = await sql<{ stream: string }>`
    select stream
    from (select id as stream from incidents
          union select stream from timeline_heads
          union select stream from audit_anchor_heads) named
    where not exists (select from timeline where incident_id = stream)
    order by stream`.execute(db);
  return rows.map((row) => row.stream);
}

/** Every anchor is an entry of the system's timeline, and that timeline is sealed. */
function compareAnchors(anchors: readonly Anchor[], marks: readonly Mark[]): AuditProblem[] {
  const said = new Map(
    marks.flatMap(({ kind, data: { digest }, seq }) =>
      kind === 'audit.anchored' && typeof digest === 'string' ? [[digest, seq] as const] : [],
    ),
  );
  const digests = new Set(anchors.map((anchor) => anchor.digest));
  return [
    ...anchors
      .filter((anchor) => !said.has(anchor.digest))
      .map(({ number }) => problemOf(null, `anchor ${number} was never made by Warroom: it is forged.`)),
    ...[...said]
      .filter(([digest]) => !digests.has(digest))
      .map(([digest, seq]) => problemOf(seq, `the anchor ${digest} that this entry speaks of is gone.`)),
  ];
}

function problemOf(seq: number | null, text: string): AuditProblem {
  return { stream: systemStream, seq, fault: 'anchor', text };
}
