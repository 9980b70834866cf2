import { matchStatements } from '../analysis/culprits/match-statements.ts';
import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { IndexSuggestion } from '../analysis/statements/suggest-index.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Claim } from '../domain/finding.ts';
import type { ProposedRemedy } from '../domain/plan.ts';
import type { Notebook } from './investigator.ts';
import { cite, type Look } from './look-at-service.ts';
import { sayTime } from './say-claims.ts';
import type { DatabaseSignals, SlowStatement } from './signals/database-signals.ts';
import { observePlan, observeSlowStatement, sayDuration, sayRows } from './tools/database-look.ts';

/** Several tables of one statement may each want an index; more is a redesign, not a fix. */
const mostIndexes = 2;
/** The scan was seen, but the service's own requests hardly show it. */
const unfelt = 0.55;
const felt = 0.92;
const feltFrom = 0.35;

/**
 * The worst statement that reads a large table for a few rows because no index serves it. The index is the fix; a commit
 * that brought the statement in is named, and may stay.
 */
export async function findMissingIndex(
  look: Look,
  databases: DatabaseSignals | null,
  ranking: readonly RankedCommit[],
  changes: readonly Evidence[],
  notebook: Notebook,
): Promise<Claim | null> {
  for (const slow of databases?.statements ?? []) {
    const missing = slow.suggestions.filter((one) => one.unused === null).slice(0, mostIndexes);
    const [first] = missing;
    if (first === undefined || slow.plan === null) continue;
    const seen = [
      await notebook.keep(
        `database:log:${slow.target.name}`,
        observeSlowStatement(look.service, slow, look.window),
      ),
      await notebook.keep(`database:plan:${slow.target.name}`, observePlan(look.service, slow)),
    ];
    const commit = ranking.find(
      (one) => matchStatements(one.commit, [slow.change.example.statement]).weight > 0,
    );
    const change = changes.find((one) => one.query === `git show ${commit?.commit.sha}`);
    return {
      kind: 'cause',
      text: sayMissing(look, slow, first, change === undefined ? undefined : commit),
      evidence: [
        ...seen.map((one) => one.number),
        ...(change === undefined ? [] : [change.number]),
        ...cite(look.evidence, ['metric', 'trace']),
      ],
      blames: {
        service: look.service,
        ...(commit === undefined || change === undefined ? {} : { commit: commit.commit.sha }),
      },
      proposes: missing.map((one) => propose(look.service, slow, one)),
      confidence: Math.max(look.judgement.abnormal, look.judgement.own) >= feltFrom ? felt : unfelt,
    };
  }
  return null;
}

/** What stands in the way of a proposal although the statement is slow: for the list of things to look at next. */
export function saySlowStatements(databases: DatabaseSignals | null): string[] {
  return (databases?.statements ?? []).slice(0, 1).flatMap((slow) => {
    const unused = slow.suggestions.find((one) => one.unused !== null);
    if (unused !== undefined)
      return [
        `${slow.target.name}: index ${unused.unused?.name ?? ''} would serve the slow statement on ${unused.table.name} and is not used: check statistics (ANALYZE) and the types that it is compared with.`,
      ];
    const median = sayDuration(slow.change.after.medianMs);
    return [
      `${slow.target.name}: one statement takes ${median}, ×${slow.change.after.count}: read its plan (EXPLAIN) by hand.`,
    ];
  });
}

function sayMissing(
  look: Look,
  slow: SlowStatement,
  missing: IndexSuggestion,
  commit: RankedCommit | undefined,
): string {
  const { change } = slow;
  const columns = missing.columns.map((column) => column.name).join(', ');
  const reads = missing.scan.startsWith('Index')
    ? `walks ${missing.scan} past the rows that it does not want`
    : `reads all ${sayRows(missing.table.rows)} rows (${missing.scan})`;
  const before =
    change.before.count === 0 ? 'none was slow before' : `${sayDuration(change.before.medianMs)} before`;
  const since = `×${change.after.count} since ${sayTime(change.firstAt)}, ${before}`;
  const came =
    commit === undefined
      ? ''
      : `; commit ${commit.commit.sha.slice(0, 8)} by ${commit.commit.author} brought it in`;
  return `${look.service} waits for its database: ${missing.table.name} has no index for ${columns}, so one statement ${reads} and takes ${sayDuration(change.after.medianMs)} (${since})${came}.`;
}

function propose(service: string, slow: SlowStatement, { table, columns }: IndexSuggestion): ProposedRemedy {
  return {
    kind: 'create-index',
    service,
    params: {
      database: slow.target.name,
      schema: table.schema,
      table: table.name,
      columns: columns.map((column) => ({ ...column })),
      statement: slow.change.example.statement,
    },
  };
}
