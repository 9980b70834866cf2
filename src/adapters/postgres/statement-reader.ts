import type { A_Expr, Node, SelectStmt } from 'libpg-query';
import type { StatementFacts, StatementReader, TableUse } from '../../ports/database.ts';
import { parseStatements, walkTree } from './parse-statement.ts';
import { replaceConstants } from './replace-constants.ts';

/** Reads statements with PostgreSQL's own grammar. */
export function createStatementReader(): StatementReader {
  return { read: readStatement, withoutValues: replaceConstants };
}

function readStatement(statement: string): StatementFacts | null {
  const parsed = parseStatements(statement);
  if ('fault' in parsed) return null;
  const [only, ...more] = parsed.statements;
  if (only === undefined || more.length > 0 || !('SelectStmt' in only)) return null;
  const expressions = new Set(
    [...walkTree(only)].flatMap((node) =>
      node.type === 'CommonTableExpr' ? String(node.fields['ctename']) : [],
    ),
  );
  const tables: TableUse[] = [];
  for (const node of walkTree(only)) {
    if (node.type !== 'SelectStmt') continue;
    tables.push(...readSelect(node.fields as SelectStmt).filter((use) => !isExpression(use, expressions)));
  }
  // A set operation keeps its two sides bare, not as nodes.
  tables.push(...readSides(only.SelectStmt).filter((use) => !isExpression(use, expressions)));
  return { tables };
}

function isExpression(use: TableUse, names: ReadonlySet<string>): boolean {
  return use.schema === null && names.has(use.name);
}

function readSides(select: SelectStmt): TableUse[] {
  return [select.larg, select.rarg].flatMap((side) =>
    side === undefined ? [] : [...readSelect(side), ...readSides(side)],
  );
}

interface Use {
  readonly alias: string;
  readonly schema: string | null;
  readonly name: string;
  readonly equality: Set<string>;
  readonly range: Set<string>;
  readonly joined: Set<string>;
}

function readSelect(select: SelectStmt): TableUse[] {
  const uses: Use[] = [];
  const conditions: Node[] = [];
  for (const item of select.fromClause ?? []) collectFrom(item, uses, conditions);
  if (select.whereClause !== undefined) conditions.push(select.whereClause);
  for (const condition of conditions) readCondition(condition, uses);
  const order = readOrder(select, uses);
  const limit = readLimit(select);
  return uses.map((use) => ({
    schema: use.schema,
    name: use.name,
    equality: [...use.equality],
    range: [...use.range].filter((column) => !use.equality.has(column)),
    joined: [...use.joined],
    orderBy: order.find((one) => one.use === use)?.columns ?? [],
    limit,
  }));
}

/** Tables of a `FROM` item, and what its joins ask of them. */
function collectFrom(item: Node, uses: Use[], conditions: Node[]): void {
  if ('RangeVar' in item) {
    const { schemaname, relname, alias } = item.RangeVar;
    if (relname === undefined) return;
    uses.push({
      alias: alias?.aliasname ?? relname,
      schema: schemaname ?? null,
      name: relname,
      equality: new Set(),
      range: new Set(),
      joined: new Set(),
    });
  }
  if ('JoinExpr' in item) {
    const { larg, rarg, quals, usingClause } = item.JoinExpr;
    const before = uses.length;
    if (larg !== undefined) collectFrom(larg, uses, conditions);
    if (rarg !== undefined) collectFrom(rarg, uses, conditions);
    if (quals !== undefined) conditions.push(quals);
    for (const column of usingClause ?? []) {
      const name = 'String' in column ? column.String.sval : undefined;
      if (name !== undefined) for (const use of uses.slice(before)) use.joined.add(name);
    }
  }
}

/** Conditions that all must hold; what stands under OR or NOT is of no use to one index. */
function readCondition(condition: Node, uses: readonly Use[]): void {
  if ('BoolExpr' in condition) {
    if (condition.BoolExpr.boolop !== 'AND_EXPR') return;
    for (const one of condition.BoolExpr.args ?? []) readCondition(one, uses);
    return;
  }
  if ('NullTest' in condition) {
    const { arg, nulltesttype } = condition.NullTest;
    if (nulltesttype === 'IS_NULL') for (const [use, column] of find(arg, uses)) use.equality.add(column);
    return;
  }
  if ('A_Expr' in condition) readComparison(condition.A_Expr, uses);
}

const mirrored: Readonly<Record<string, 'equality' | 'range'>> = {
  '=': 'equality',
  '<': 'range',
  '<=': 'range',
  '>': 'range',
  '>=': 'range',
};

function readComparison(expression: A_Expr, uses: readonly Use[]): void {
  const { kind, name, lexpr, rexpr } = expression;
  const first = name?.[0];
  const operator = name?.length === 1 && first !== undefined && 'String' in first ? first.String.sval : '';
  const left = find(lexpr, uses);
  const right = find(rexpr, uses);
  const note = (columns: readonly Found[], how: 'equality' | 'range' | 'joined'): void => {
    for (const [use, column] of columns) use[how].add(column);
  };
  switch (kind) {
    case 'AEXPR_OP': {
      const how = mirrored[operator ?? ''];
      if (how === undefined) return;
      if (left.length > 0 && right.length > 0) {
        const ofTwo = left.some(([use]) => right.some(([other]) => other !== use));
        if (how === 'equality' && ofTwo) note([...left, ...right], 'joined');
        return;
      }
      if (left.length > 0 && isValue(rexpr)) note(left, how);
      if (right.length > 0 && isValue(lexpr)) note(right, how);
      return;
    }
    case 'AEXPR_IN':
    case 'AEXPR_OP_ANY':
      if (operator === '=' && isValue(rexpr)) note(left, 'equality');
      return;
    case 'AEXPR_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
      if (isValue(rexpr)) note(left, 'range');
      return;
    default:
      return;
  }
}

type Found = readonly [Use, string];

/** The tables' column that a node is; empty when it is anything else, such as a function of a column. */
function find(node: Node | undefined, uses: readonly Use[]): Found[] {
  if (node === undefined || !('ColumnRef' in node)) return [];
  const words = (node.ColumnRef.fields ?? []).flatMap((field) =>
    'String' in field ? (field.String.sval ?? []) : [],
  );
  const column = words.at(-1);
  if (column === undefined || words.length !== node.ColumnRef.fields?.length) return [];
  const qualifier = words.at(-2);
  const schema = words.at(-3);
  return uses
    .filter(
      (use) =>
        (qualifier === undefined || qualifier === use.alias) &&
        (schema === undefined || schema === use.schema),
    )
    .map((use) => [use, column] as const);
}

/** Known before the scan begins: no column and no sub-select in it, and nothing that differs from row to row. */
function isValue(node: Node | undefined): boolean {
  if (node === undefined) return false;
  for (const { type, fields } of walkTree(node)) {
    if (type === 'ColumnRef' || type === 'SubLink') return false;
    if (
      type === 'FuncCall' &&
      /"(random|clock_timestamp|nextval|gen_random_uuid)"/.test(JSON.stringify(fields['funcname']))
    )
      return false;
  }
  return true;
}

/** Per table, if the whole order is by columns that it has. */
function readOrder(
  select: SelectStmt,
  uses: readonly Use[],
): { use: Use; columns: { name: string; order: 'asc' | 'desc' }[] }[] {
  const sorts = select.sortClause ?? [];
  if (sorts.length === 0) return [];
  return uses.flatMap((use) => {
    const columns = sorts.flatMap((sort) => {
      if (!('SortBy' in sort)) return [];
      const { node, sortby_dir: direction, sortby_nulls: nulls } = sort.SortBy;
      const found = find(outputColumn(node, select), [use]);
      const order = direction === 'SORTBY_DESC' ? 'desc' : 'asc';
      const usual = order === 'desc' ? 'SORTBY_NULLS_FIRST' : 'SORTBY_NULLS_LAST';
      const plain = direction !== 'SORTBY_USING' && (nulls === 'SORTBY_NULLS_DEFAULT' || nulls === usual);
      return plain ? found.map(([, name]) => ({ name, order }) as const) : [];
    });
    return columns.length === sorts.length ? [{ use, columns }] : [];
  });
}

/** `order by 2` and `order by alias` mean a column of the answer. */
function outputColumn(node: Node | undefined, select: SelectStmt): Node | undefined {
  if (node === undefined) return undefined;
  const targets = select.targetList ?? [];
  if ('A_Const' in node) {
    const target = targets[(node.A_Const.ival?.ival ?? 0) - 1];
    return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  }
  if (!('ColumnRef' in node) || node.ColumnRef.fields?.length !== 1) return node;
  const [field] = node.ColumnRef.fields;
  const name = field !== undefined && 'String' in field ? field.String.sval : undefined;
  const target = targets.find((one) => 'ResTarget' in one && one.ResTarget.name === name);
  return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : node;
}

function readLimit(select: SelectStmt): number | 'unknown' | null {
  const { limitCount } = select;
  if (limitCount === undefined) return null;
  if (!('A_Const' in limitCount)) return 'unknown';
  const { ival, isnull } = limitCount.A_Const;
  if (isnull === true) return null;
  // A zero is left out of the tree.
  return ival === undefined ? 'unknown' : (ival.ival ?? 0);
}
