import { compareStatements, type StatementChange } from '../../analysis/statements/compare-statements.ts';
import { readSlowLines } from '../../analysis/statements/read-slow-lines.ts';
import { type IndexSuggestion, suggestIndexes } from '../../analysis/statements/suggest-index.ts';
import type { DatabaseTarget, Service } from '../../domain/service.ts';
import { explainError } from '../../platform/errors.ts';
import type { PlanNode, StatementReader, TableFacts } from '../../ports/database.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { Sources } from '../investigator.ts';
import type { IncidentWindow } from './incident-window.ts';

/** What the slow-query rule reads. */
export type DatabaseSources = Pick<Sources, 'logs' | 'databases' | 'statements'>;

/** A statement that began to take its time, with what its plan and the schema say of it. */
export interface SlowStatement {
  readonly target: DatabaseTarget;
  readonly change: StatementChange;
  /** Null where the statement or the database could not be read. */
  readonly plan: PlanNode | null;
  readonly suggestions: readonly IndexSuggestion[];
}

export interface DatabaseSignals {
  /** What took most more time first. */
  readonly statements: readonly SlowStatement[];
  /** What could not be read, in plain words. */
  readonly limits: readonly string[];
}

const lineLimit = 5_000;
const mostExplained = 3;
const leastExecutions = 3;
const leastMedianMs = 50;
/** Of a second's database time: what takes less cannot be what people wait for. */
const leastGrowthMsPerS = 10;
/** Words that shippers give a log stream its name with; the telemetry routes make them the line's service. */
const streamKeys = ['service', 'service.name', 'service_name', 'app', 'application', 'container_name', 'job'];

/** Slow-query logs of a service's own databases from before and after the onset, and why the worst statements are slow. */
export async function readDatabaseSignals(
  sources: DatabaseSources,
  service: Service,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<DatabaseSignals> {
  const limits: string[] = [];
  const statements: SlowStatement[] = [];
  for (const target of service.databases) {
    const changes = await slowerStatements(sources, service, target, window, signal);
    if (changes.length === 0) continue;
    const schema = await readSchema(sources, target, limits, signal);
    for (const change of changes.slice(0, mostExplained)) {
      const explained =
        schema === null ? null : await explain(sources, target, schema, change, limits, signal);
      statements.push({ target, change, plan: null, suggestions: [], ...explained });
    }
  }
  return {
    statements: statements.toSorted((a, b) => b.change.growthMsPerS - a.change.growthMsPerS),
    limits: [...new Set(limits)],
  };
}

async function slowerStatements(
  { logs, statements }: DatabaseSources,
  service: Service,
  target: DatabaseTarget,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<StatementChange[]> {
  if (target.logs === null) return [];
  const stream = streamKeys.find((key) => target.logs?.[key] !== undefined);
  const name = (stream === undefined ? undefined : target.logs[stream]) ?? service.name;
  const pairs = Object.entries(target.logs).filter(([key]) => key !== stream);
  const read = async (from: Date, to: Date): Promise<LogLine[]> => {
    const { lines } = await logs.lines({ service: name, from, to, limit: lineLimit }, signal);
    return lines.filter((line) => pairs.every(([key, value]) => String(line.fields[key]) === value));
  };
  const [before, after] = await Promise.all([
    read(window.baselineFrom, window.onset),
    read(window.onset, window.to),
  ]);
  const seconds = {
    before: (window.onset.getTime() - window.baselineFrom.getTime()) / 1000,
    after: (window.to.getTime() - window.onset.getTime()) / 1000,
  };
  return compareStatements(readSlowLines(before), readSlowLines(after), seconds)
    .filter(
      ({ after: now, growthMsPerS }) =>
        now.count >= leastExecutions &&
        now.medianMs >= leastMedianMs &&
        growthMsPerS >= Math.max(leastGrowthMsPerS, (0.5 * now.totalMs) / Math.max(1, seconds.after)),
    )
    .map((change) => takeValuesOut(change, statements));
}

/** Logged values are of people and accounts. They stop here: nothing that is explained, kept or proposed has them. */
function takeValuesOut(change: StatementChange, statements: StatementReader | null): StatementChange {
  const { example, normalised } = change;
  const statement = statements?.withoutValues(example.statement) ?? normalised;
  return { ...change, example: { ...example, statement } };
}

async function readSchema(
  { databases, statements }: DatabaseSources,
  target: DatabaseTarget,
  limits: string[],
  signal: AbortSignal,
): Promise<readonly TableFacts[] | null> {
  if (databases === null || statements === null) return null;
  try {
    return await databases.tables(target, signal);
  } catch (error) {
    signal.throwIfAborted();
    limits.push(`The schema of database ${target.name} could not be read: ${explainError(error)}`);
    return null;
  }
}

/** A logged statement is text from outside: the parser has to make a single `SELECT` of it, and the schema to know its tables. */
async function explain(
  { databases, statements }: DatabaseSources,
  target: DatabaseTarget,
  schema: readonly TableFacts[],
  change: StatementChange,
  limits: string[],
  signal: AbortSignal,
): Promise<Pick<SlowStatement, 'plan' | 'suggestions'> | null> {
  const facts = statements?.read(change.example.statement) ?? null;
  const known = facts?.tables.some((use) => schema.some((table) => table.name === use.name)) ?? false;
  if (facts === null || databases === null || !known) return null;
  try {
    const plan = await databases.explain(target, change.example.statement, signal);
    return { plan, suggestions: suggestIndexes(facts.tables, schema, plan) };
  } catch (error) {
    signal.throwIfAborted();
    limits.push(`A slow statement of database ${target.name} could not be explained: ${explainError(error)}`);
    return null;
  }
}
