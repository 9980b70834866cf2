import { type TreeNode, walkTree } from '../parse-statement.ts';
import { personal } from '../seed/hide-values.ts';

/** What of a statement's result is computed from columns for persons or secrets, or shows them under another name. */
export interface Traced {
  /** By place of the result; null where a `*` makes places unknown, and `names` decide. */
  readonly places: readonly boolean[] | null;
  readonly names: ReadonlySet<string>;
}

const mostSelects = 24;

type Fields = TreeNode['fields'];

/** What decides on rows without being shown. */
const clauses = new Set(['whereClause', 'havingClause', 'quals']);
const orders = new Set(['sortClause', 'groupClause', 'distinctClause', 'windowClause']);
const comparing = new Set([
  '=',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  'BETWEEN',
  'NOT BETWEEN',
]);

/** `row.to_json` calls the function with the whole row; of PostgreSQL's own, those that take any. */
const ofRows =
  /^(?:row_to_json|to_jsonb?|jsonb?_(?:agg|build|object).*|array_.*|concat(?:_ws)?|format|quote_.*|record_.*|btrecord.*|hash_record.*|num_n.*|pg_.*|xml.*|max|min|any_value|lag|lead|(?:first|last)_value|mode)$/;

/**
 * Follows such columns through new names, subqueries, unions and whole rows. Where it cannot be sure it takes them for
 * followed; what would give a value away without being shown is refused: casts (their errors quote), and conditions that
 * compute with a value or tell which of many conditions held.
 * @param statement one parsed `SELECT`
 * @returns a phrase where it is refused
 */
export function tracePersons(statement: unknown): Traced | string {
  const nodes = [...walkTree(statement)];
  const selects = allSelects(statement);
  const [top] = selects;
  if (top === undefined) return 'it is not a SELECT';
  if (selects.length > mostSelects)
    return `it holds more than ${mostSelects} SELECTs, sides of a UNION included`;
  const ranges = new Set(nodes.flatMap(rangeNames));
  const names = new Set(nodes.flatMap(columnsRenamed));
  const follow: Follow = { names, ranges };
  for (let size = -1; size !== names.size; ) {
    size = names.size;
    for (const select of selects) {
      const reason = spread(select, select === top, follow);
      if (reason !== null) return reason;
    }
    for (const node of nodes) for (const name of namesOfRange(node, follow)) names.add(name);
  }
  const cast = nodes.find(({ type, fields }) => type === 'TypeCast' && holds(fields, follow));
  if (cast !== undefined) return 'it casts a column for persons or secrets to a type';
  const condition = 'its conditions compute with a column for persons or secrets';
  for (const select of [
    ...selects,
    ...nodes.filter((one) => one.type === 'JoinExpr').map((one) => one.fields),
  ]) {
    for (const [key, value] of Object.entries(select)) {
      if (clauses.has(key) && !isPlainCondition(value, follow))
        return `${condition}: compare it as it is with a value, joined by AND, or use IN`;
      if (orders.has(key) && !isPlainOrder(value, follow))
        return `${condition}: order and group by it as it is`;
      if (/^(?:limit(?:Count|Offset)|valuesLists)$/.test(key) && holds(value, follow)) return condition;
    }
  }
  if (isUnion(top)) {
    const targets = branches(top).flatMap(targetsOf);
    const tainted = targets.some((one) => holds(one['val'], follow));
    return { places: targets.map(() => tainted), names };
  }
  const targets = targetsOf(top);
  return { places: targets.some(isStar) ? null : targets.map((one) => isDerived(one, follow)), names };
}

interface Follow {
  /** Of columns that carry such values without a name that says so. */
  readonly names: Set<string>;
  /** Tables and subqueries: as a column, such a name is a whole row. */
  readonly ranges: ReadonlySet<string>;
}

/** Gives the names of a `SELECT`'s columns what they carry. */
function spread(select: Fields, isTop: boolean, follow: Follow): string | null {
  const union = isUnion(select);
  const targets = (union ? branches(select) : [select]).flatMap(targetsOf);
  if (union && targets.some(isStar)) return 'it joins SELECTs with * in them: name their columns';
  const all = union && targets.some((one) => holds(one['val'], follow));
  for (const target of targets) {
    if (!all && !isDerived(target, follow)) continue;
    const name = nameOf(target);
    if (name !== null) follow.names.add(name);
    else if (!isTop || targetsOf(select).some(isStar))
      return 'it computes with a column for persons or secrets without naming the result: write AS';
  }
  return null;
}

/** Shown as something else than itself. */
function isDerived(target: Fields, follow: Follow): boolean {
  const column = columnOf(target['val']);
  if (column === null) return isStar(target) ? false : holds(target['val'], follow);
  const isItself = target['name'] === undefined || target['name'] === column;
  return isTainted(column, follow) && !(isItself && personal.test(column) && !isFollowed(column, follow));
}

function isFollowed(column: string, { names, ranges }: Follow): boolean {
  return names.has(column) || ranges.has(column) || ofRows.test(column);
}

function isTainted(column: string, follow: Follow): boolean {
  return personal.test(column) || isFollowed(column, follow);
}

/** Whether a value is made of such a column; counting a column as it is does not tell what is in it. */
function holds(value: unknown, follow: Follow, key = ''): boolean {
  if (clauses.has(key) || orders.has(key) || key === 'usingClause') return false;
  if (Array.isArray(value)) return value.some((one) => holds(one, follow));
  if (!isFields(value)) return false;
  return Object.entries(value).some(([name, inner]) => {
    if (name === 'ColumnRef' && isFields(inner)) {
      const words = wordsOf(inner['fields']);
      return words === null || isTainted(words.at(-1) ?? '', follow);
    }
    if (name === 'A_Indirection' && isFields(inner))
      return namesTainted(inner['indirection'], follow) || holds(inner, follow);
    if (name === 'FuncCall' && isFields(inner) && (wordsOf(inner['funcname']) ?? []).at(-1) === 'count') {
      const args = Array.isArray(inner['args']) ? inner['args'] : [];
      const plain = args.every((one: unknown) => columnOf(one) !== null);
      return holds(plain ? { ...inner, args: [] } : { ...inner }, follow);
    }
    return holds(inner, follow, name);
  });
}

/** `AND` of comparisons: a column as it is, with constants, or for equality with another column. */
function isPlainCondition(value: unknown, follow: Follow): boolean {
  if (!holds(value, follow) && !isFields(value)) return true;
  const [type, fields] = only(value);
  if (type === 'BoolExpr') {
    const args: readonly unknown[] = Array.isArray(fields['args']) ? fields['args'] : [];
    if (fields['boolop'] === 'AND_EXPR') return args.every((one) => isPlainCondition(one, follow));
    if (!holds(args, follow)) return true;
    const [negated] = args;
    return (
      fields['boolop'] === 'NOT_EXPR' && only(negated)[0] !== 'BoolExpr' && isPlainCondition(negated, follow)
    );
  }
  if (!holds(value, follow)) return true;
  if (type === 'NullTest' || type === 'BooleanTest') return columnOf(fields['arg']) !== null;
  if (type === 'ColumnRef') return columnOf(value) !== null;
  if (type === 'SubLink') return !holds(fields['subselect'], follow) && columnOf(fields['testexpr']) !== null;
  if (type !== 'A_Expr') return false;
  const operator = (wordsOf(fields['name']) ?? []).join('.');
  const [left, right] = [fields['lexpr'], fields['rexpr']];
  if (!comparing.has(operator)) return false;
  const [one, other] = columnOf(left) === null ? [right, left] : [left, right];
  if (columnOf(one) === null) return false;
  return isConstant(other) || (/^(?:=|<>)$/.test(operator) && columnOf(other) !== null);
}

function isPlainOrder(value: unknown, follow: Follow): boolean {
  if (Array.isArray(value)) return value.every((one) => isPlainOrder(one, follow));
  const [type, fields] = only(value);
  if (type === 'SortBy') return isPlainOrder(fields['node'], follow);
  if (type === 'WindowDef')
    return (
      isPlainOrder(fields['partitionClause'] ?? [], follow) &&
      isPlainOrder(fields['orderClause'] ?? [], follow)
    );
  return columnOf(value) !== null || !holds(value, follow);
}

function isConstant(value: unknown): boolean {
  const [type, fields] = only(value);
  if (type === 'List') return Array.isArray(fields['items']) && fields['items'].every(isConstant);
  if (type === 'A_ArrayExpr')
    return Array.isArray(fields['elements']) && fields['elements'].every(isConstant);
  return type === 'A_Const' || (type === 'TypeCast' && isConstant(fields['arg']));
}

/** `table as t(a, b)`: which column got which name is not in the statement. */
function columnsRenamed({ type, fields }: TreeNode): string[] {
  return type === 'RangeVar' || type === 'JoinExpr' ? aliasColumns(fields) : [];
}

function namesOfRange({ type, fields }: TreeNode, follow: Follow): string[] {
  if (type === 'RangeSubselect') return carries(fields['subquery'], follow) ? aliasColumns(fields) : [];
  if (type === 'CommonTableExpr')
    return carries(fields['ctequery'], follow) ? (wordsOf(fields['aliascolnames']) ?? []) : [];
  if (type !== 'RangeFunction' || !holds(fields['functions'], follow)) return [];
  const called = [...walkTree(fields['functions'])].filter((one) => one.type === 'FuncCall');
  return [
    ...aliasColumns(fields),
    ...aliasName(fields),
    ...called.flatMap((one) => (wordsOf(one.fields['funcname']) ?? []).at(-1) ?? []),
  ];
}

function carries(query: unknown, follow: Follow): boolean {
  const [, select] = only(query);
  return branches(select).some((one) => targetsOf(one).some((target) => holds(target['val'], follow)));
}

function rangeNames({ type, fields }: TreeNode): string[] {
  if (type === 'RangeVar') return [String(fields['relname']), ...aliasName(fields)];
  if (type === 'CommonTableExpr') return [String(fields['ctename'])];
  return type === 'RangeSubselect' || type === 'JoinExpr' ? aliasName(fields) : [];
}

/** Also the sides of a union, which the tree keeps bare. The outermost is first. */
function allSelects(value: unknown): Fields[] {
  if (Array.isArray(value)) return value.flatMap(allSelects);
  if (!isFields(value)) return [];
  const own = 'limitOption' in value ? [value] : [];
  return [...own, ...Object.values(value).flatMap(allSelects)];
}

function isUnion(select: Fields): boolean {
  return isFields(select['larg']);
}

function branches(select: Fields): Fields[] {
  const { larg, rarg } = select;
  return isFields(larg) && isFields(rarg) ? [...branches(larg), ...branches(rarg)] : [select];
}

function targetsOf(select: Fields): Fields[] {
  const list: readonly unknown[] = Array.isArray(select['targetList']) ? select['targetList'] : [];
  return list.map((one) => only(one)[1]);
}

function nameOf(target: Fields): string | null {
  return typeof target['name'] === 'string' ? target['name'] : columnOf(target['val']);
}

function isStar(target: Fields): boolean {
  const [type, fields] = only(target['val']);
  const parts =
    type === 'ColumnRef' ? fields['fields'] : type === 'A_Indirection' ? fields['indirection'] : [];
  return Array.isArray(parts) && parts.some((one) => only(one)[0] === 'A_Star');
}

/** The name of a column as it is; null for anything else. */
function columnOf(value: unknown): string | null {
  const [type, fields] = only(value);
  return type === 'ColumnRef' ? (wordsOf(fields['fields'])?.at(-1) ?? null) : null;
}

function aliasName({ alias }: Fields): string[] {
  return isFields(alias) && typeof alias['aliasname'] === 'string' ? [alias['aliasname']] : [];
}

function aliasColumns({ alias }: Fields): string[] {
  return isFields(alias) ? (wordsOf(alias['colnames']) ?? []) : [];
}

function namesTainted(list: unknown, follow: Follow): boolean {
  const words = Array.isArray(list) ? list.flatMap((one) => wordsOf([one]) ?? []) : [];
  return words.some((word) => isTainted(word, follow));
}

/** Null where one of them is no name, such as `*`. */
function wordsOf(list: unknown): string[] | null {
  if (!Array.isArray(list)) return null;
  const words = list.map((one) => only(one)[1]['sval']);
  return words.every((one) => typeof one === 'string') ? words : null;
}

/** A node is spelled `{ Type: fields }`. */
function only(value: unknown): [type: string, fields: Fields] {
  if (!isFields(value)) return ['', {}];
  const [[type, fields] = ['', {}]] = Object.entries(value);
  return [type, isFields(fields) ? fields : {}];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
