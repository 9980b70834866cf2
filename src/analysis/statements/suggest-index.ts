import type { IndexFacts, PlanNode, TableFacts, TableUse } from '../../ports/database.ts';

export interface IndexColumn {
  readonly name: string;
  readonly order?: 'desc';
}

/** A table that a statement reads nearly whole for a few rows, and the index that would spare it. */
export interface IndexSuggestion {
  readonly table: TableFacts;
  readonly columns: readonly IndexColumn[];
  /** The scan that reads too much, in the plan's own words. */
  readonly scan: string;
  /** Rows that the scan is expected to give, by the planner's estimate. */
  readonly wantedRows: number;
  /** An index that would serve and that the planner leaves alone: then another one is not what is missing. */
  readonly unused: IndexFacts | null;
}

/** Below this a sequential scan is what the planner should do. */
const leastRows = 10_000;
/** Of the table's rows; a scan that wants more is not helped by an index. */
const mostWanted = 0.1;
const mostColumns = 4;
/** Types without an order that a B-tree could keep. */
const unordered = /^(?:json|xml|point|line|lseg|box|path|polygon|circle)\b/;

/**
 * Reads a plan against the schema: which scans read far more than they give, and which columns an index for them has.
 * Equality first, then the order if there is a limit to stop at, then the range: the first rows are then the wanted ones.
 */
export function suggestIndexes(
  uses: readonly TableUse[],
  tables: readonly TableFacts[],
  plan: PlanNode,
): IndexSuggestion[] {
  const suggestions: IndexSuggestion[] = [];
  for (const use of uses) {
    const table = findTable(use, tables);
    if (table === undefined || table.rows < leastRows) continue;
    const scan = wastefulScan(plan, table, use);
    if (scan === null) continue;
    const columns = columnsFor(use, table, scan.joins);
    if (columns.length === 0 || suggestions.some((one) => sameIndex(one, table, columns))) continue;
    const unused = table.indexes.find((index) => serves(index, use, table, scan.joins)) ?? null;
    suggestions.push({ table, columns, scan: scan.text, wantedRows: scan.wanted, unused });
  }
  return suggestions.toSorted((a, b) => b.table.rows - a.table.rows);
}

/** An unqualified name is looked up in the target's schemas, in their order. */
function findTable(use: TableUse, tables: readonly TableFacts[]): TableFacts | undefined {
  return tables.find(
    (table) => table.name === use.name && (use.schema === null || use.schema === table.schema),
  );
}

interface WastefulScan {
  readonly text: string;
  readonly wanted: number;
  /** The few rows come from a join: its columns belong into the index. */
  readonly joins: boolean;
}

function wastefulScan(plan: PlanNode, table: TableFacts, use: TableUse): WastefulScan | null {
  const limit = mostWanted * table.rows;
  for (const { node, joined } of walkPlan(plan, null)) {
    if (node.table !== table.name) continue;
    if (/Seq Scan/.test(node.type)) {
      if (node.rows <= limit)
        return { text: node.type, wanted: node.rows, joins: use.joined.length > 0 && node.filter === null };
      if (joined !== null && use.joined.length > 0 && joined <= limit)
        return { text: node.type, wanted: joined, joins: true };
    }
    // An index for the order alone is walked until enough rows pass the filter: up to the whole table.
    const walks = /^Index (?:Only )?Scan/.test(node.type) && node.filter !== null;
    const index = table.indexes.find((one) => one.name === node.index);
    if (
      walks &&
      node.rows <= limit / 10 &&
      index !== undefined &&
      !use.equality.some((name) => index.columns.includes(name))
    )
      return { text: `${node.type} on ${index.name}`, wanted: node.rows, joins: false };
  }
  return null;
}

/** Nodes with the rows of the nearest join above, null where there is none. */
function* walkPlan(
  node: PlanNode,
  joined: number | null,
): Generator<{ node: PlanNode; joined: number | null }> {
  yield { node, joined };
  const below = /Join|Nested Loop/.test(node.type) ? node.rows : joined;
  for (const child of node.children) yield* walkPlan(child, below);
}

function columnsFor(use: TableUse, table: TableFacts, joins: boolean): IndexColumn[] {
  const equal = equalityOf(use, table, joins);
  const rest = trailing(use, table, equal);
  return [...equal.map((name) => ({ name })), ...rest].slice(0, mostColumns);
}

function equalityOf(use: TableUse, table: TableFacts, joins: boolean): string[] {
  const wanted = [...use.equality, ...(joins ? use.joined : [])];
  const known = [...new Set(wanted)].flatMap((name) => table.columns.find((one) => one.name === name) ?? []);
  return (
    known
      .filter((column) => !unordered.test(column.type))
      // Of two values, a boolean tells least apart.
      .toSorted((a, b) => Number(a.type === 'boolean') - Number(b.type === 'boolean'))
      .map((column) => column.name)
  );
}

function trailing(use: TableUse, table: TableFacts, equal: readonly string[]): IndexColumn[] {
  const usable = (name: string): boolean =>
    !equal.includes(name) && table.columns.some((one) => one.name === name && !unordered.test(one.type));
  const order = use.orderBy.filter(({ name }) => !equal.includes(name));
  const sorts = order.length > 0 && use.limit !== null && order.every(({ name }) => usable(name));
  if (sorts) return order.map(({ name, order: way }) => (way === 'desc' ? { name, order: way } : { name }));
  const range = use.range.find(usable);
  if (range === undefined) return [];
  const way = order[0]?.name === range ? order[0].order : 'asc';
  return [way === 'desc' ? { name: range, order: way } : { name: range }];
}

/** Its first columns are the ones compared for equality, in any order, and then the first one that is ordered or ranged. */
function serves(index: IndexFacts, use: TableUse, table: TableFacts, joins: boolean): boolean {
  // A partial index serves some statements only.
  if (!index.valid || /\bWHERE\b/.test(index.definition)) return false;
  const equal = equalityOf(use, table, joins);
  const lead = index.columns.slice(0, equal.length);
  if (lead.length < equal.length || !equal.every((name) => lead.includes(name))) return false;
  const [next] = trailing(use, table, equal);
  return next === undefined || index.columns[equal.length] === next.name;
}

function sameIndex(one: IndexSuggestion, table: TableFacts, columns: readonly IndexColumn[]): boolean {
  return (
    one.table === table &&
    one.columns.map((column) => column.name).join() === columns.map((column) => column.name).join()
  );
}
