import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { DatabaseTarget } from '../../domain/service.ts';
import { explainError, WarroomError } from '../../platform/errors.ts';
import type { PlanNode } from '../../ports/database.ts';
import type { IndexOrder } from '../../ports/database-admin.ts';
import type { IndexTrial, TrialAnswer, TrialOutcome } from '../../ports/index-trial.ts';
import type { Sandbox, SandboxProvider } from '../../ports/sandbox.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { readOnly } from './database-inspector.ts';
import { guardStatement } from './guard-statement.ts';
import { parseStatements, walkTree } from './parse-statement.ts';
import { readPlan } from './read-plan.ts';
import { withSession } from './session.ts';
import { createStatementReader } from './statement-reader.ts';
import { findParameters, type ParameterUse } from './trial/find-parameters.ts';
import { type ReplicaFacts, readReplicaFacts } from './trial/read-replica-facts.ts';
import { type ReplicaLimits, resultMark, writeReplicaScript } from './trial/replica-script.ts';

export interface IndexTrialOptions {
  readonly secrets: Secrets;
  /** Must know the language `postgres`. */
  readonly sandbox: SandboxProvider;
  readonly limits?: Partial<ReplicaLimits>;
}

/** Together well below half a minute on two cores; somebody waits for the card. */
const defaultLimits: ReplicaLimits = {
  rows: 1_000_000,
  bytes: 450e6,
  fillMs: 9_000,
  runs: 5,
  runMs: 3_000,
};
const startMs = 25_000;
const trialMs = 45_000;
const outputBytes = 1_000_000;
const reading = { connectTimeoutMs: 5_000, statementTimeoutMs: 10_000, lockTimeoutMs: 2_000 };

const sideSchema = z.object({ plan: z.unknown(), runs: z.number(), ms: z.number() });
const resultSchema = z.object({
  before: sideSchema,
  after: sideSchema,
  built: z.number(),
  rows: z.number(),
});

/** Tries indexes in a PostgreSQL inside a sandbox, on rows made from the target's statistics. */
export function createIndexTrial(options: IndexTrialOptions): IndexTrial {
  const limits = { ...defaultLimits, ...options.limits };
  const access = { secrets: options.secrets, limits: reading };
  const statements = createStatementReader();

  /** The statement and the target as a task for the replica, or why there can be no trial. */
  async function prepare(
    target: DatabaseTarget,
    order: IndexOrder,
    statement: string,
    signal: AbortSignal,
  ): Promise<{ script: string; rows: number } | { reason: string }> {
    const guarded = guardStatement(statement, target.schemas);
    if (!guarded.allowed) return { reason: `the statement cannot be tried: ${guarded.reason}.` };
    const known = findParameters(statement);
    const parameters: ParameterUse[] = [];
    for (let number = 1; number <= guarded.parameters; number += 1) {
      const use = known.get(number);
      if (use === undefined) return { reason: `parameter $${number} is compared with no plain column.` };
      parameters.push(use);
    }
    const names = statements.read(statement)?.tables ?? [];
    const facts = await withSession(access, target, signal, (session) =>
      readOnly(session, target.schemas, () => readReplicaFacts(session, names)),
    );
    if ('notATable' in facts) return { reason: `${facts.notATable} is not a table.` };
    const written = writeReplicaScript({
      facts,
      schemas: target.schemas,
      order,
      statement,
      parameters,
      columns: columnsIn(statement),
      limits,
    });
    return 'reason' in written ? written : { ...written, rows: rowsOf(facts, order) };
  }

  async function run(script: string, signal: AbortSignal): Promise<string> {
    const workspace = await writeWorkspace(script);
    try {
      const spec = { incidentId: 'none', service: 'index-trial', language: 'postgres', workspace };
      const sandbox = await options.sandbox.open(spec, signal);
      try {
        return await runIn(sandbox, signal);
      } finally {
        await sandbox.close();
      }
    } finally {
      await rm(workspace, { recursive: true, force: true });
    }
  }

  return {
    async try(target, order, statement, signal) {
      const unavailable = await options.sandbox.unavailable(signal);
      if (unavailable !== null) return no(unavailable);
      const task = await prepare(target, order, statement, signal);
      if ('reason' in task) return no(task.reason);
      let output: string;
      try {
        output = await run(task.script, signal);
      } catch (error) {
        signal.throwIfAborted();
        // No measurement is no reason to have no plan.
        if (error instanceof WarroomError) return no(explainError(error));
        throw error;
      }
      const outcome = readOutcome(output, task.rows, order);
      return outcome === null
        ? no(`the replica could not run it: ${lastLine(output)}`)
        : { tried: true, outcome };
    },
  };
}

async function runIn(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const start = await sandbox.run(['start-replica'], { timeoutMs: startMs, outputBytes }, signal);
  if (start.exitCode !== 0) return `the replica did not start: ${lastLine(start.output)}`;
  const psql = 'psql -X -q -A -t -h /tmp -U postgres -d postgres -f /work/trial.sql'.split(' ');
  const trial = await sandbox.run(psql, { timeoutMs: trialMs, outputBytes }, signal);
  if (trial.reason === 'timeout') return `the replica was not done in ${trialMs / 1000} s`;
  return trial.output;
}

/** It has sample values of the target, so only we and the sandbox may read it. */
async function writeWorkspace(script: string): Promise<string> {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'warroom-trial-'));
  await chmod(workspace, 0o700);
  await writeFile(path.join(workspace, 'trial.sql'), script, { mode: 0o600 });
  return workspace;
}

function readOutcome(output: string, targetRows: number, order: IndexOrder): TrialOutcome | null {
  const line = output.split('\n').find((one) => one.startsWith(resultMark));
  if (line === undefined) return null;
  const result = resultSchema.parse(JSON.parse(line.slice(resultMark.length)));
  const side = ({ plan, runs, ms }: z.infer<typeof sideSchema>) => ({ plan: readPlan(plan).plan, runs, ms });
  const after = side(result.after);
  return {
    before: side(result.before),
    after,
    used: uses(after.plan, order.name),
    buildMs: result.built,
    rows: { replica: result.rows, target: targetRows },
  };
}

function uses(plan: PlanNode, index: string): boolean {
  return plan.index === index || plan.children.some((child) => uses(child, index));
}

function rowsOf(facts: ReplicaFacts, order: IndexOrder): number {
  return facts.tables.find((one) => one.schema === order.schema && one.name === order.table)?.rows ?? 0;
}

/** Last words of all column references: the names that matter, in whichever table. */
function columnsIn(statement: string): Set<string> {
  const parsed = parseStatements(statement);
  if ('fault' in parsed) return new Set();
  return new Set(
    [...walkTree(parsed.statements)].flatMap(({ type, fields }) => {
      if (type !== 'ColumnRef') return [];
      const words = [...JSON.stringify(fields['fields']).matchAll(/"sval":("(?:[^"\\]|\\.)*")/g)];
      const last = words.at(-1)?.[1];
      return last === undefined ? [] : [String(JSON.parse(last))];
    }),
  );
}

function no(reason: string): TrialAnswer {
  return { tried: false, reason };
}

/** Errors of the replica quote made-up values at most; one line of them is enough. */
function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
