import { parseStatements, walkTree } from './parse-statement.ts';

/** Larger numbers may be anybody's; smaller ones that nothing is compared with belong to the code. */
const smallBelow = 1000;
const arithmetic = /^(?:\+|-|\*|\/|%|\|\|)$/;
const unit =
  /^(?:microseconds?|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|decades?|dow|doy|isodow|isoyear|epoch)$/i;
const unitFunctions = new Set(['date_trunc', 'date_part', 'extract']);

/** One constant as PostgreSQL writes it, at the place where its grammar found it. */
const literal = new RegExp(
  [
    String.raw`e'(?:[^'\\]|''|\\[\s\S])*'(?:\s*\n\s*'(?:[^'\\]|''|\\[\s\S])*')*`,
    String.raw`(?:[bxn]|u&)?'(?:[^']|'')*'(?:\s*\n\s*'(?:[^']|'')*')*`,
    String.raw`\$([a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$`,
    String.raw`-?\s*(?:0[xob][\da-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?)`,
  ].join('|'),
  'iy',
);
/** Strings and quoted names are stepped over: a comment may seem to begin in them. */
const comment =
  /(e'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/gi;

interface Constant {
  /** In bytes of UTF-8, as all of them. */
  readonly at: number;
  /** Of `date '2026-03-04'`: where the type begins. */
  readonly typeAt: number | null;
  /** An array takes its type from its first elements, and parameters have none. */
  readonly cast: string;
}

/**
 * One `SELECT` with parameters in place of what people, accounts and tokens could be told by: strings, large numbers and
 * whatever columns are compared with. What the plan hangs on and says of nobody stays: LIMIT and OFFSET, intervals, units
 * of time, truth values, types and positions. Comments go.
 * @returns null for what is no single SELECT, or where a constant cannot be told for certain
 */
export function replaceConstants(statement: string): string | null {
  const found = readConstants(statement);
  if (found === null) return null;
  const bytes = Buffer.from(statement);
  let number = found.parameters;
  let end = 0;
  let text = '';
  for (const { at, typeAt, cast } of found.constants.toSorted((a, b) => a.at - b.at)) {
    const rest = bytes.toString('utf8', at);
    literal.lastIndex = 0;
    const [written] = literal.exec(rest) ?? [];
    const from = typeAt ?? at;
    if (written === undefined || from < end) return null;
    number += 1;
    const type = typeAt === null ? cast : `::${bytes.toString('utf8', typeAt, at).trim()}`;
    text += `${bytes.toString('utf8', end, from)}$${number}${type}`;
    end = at + Buffer.byteLength(written);
  }
  text += bytes.toString('utf8', end);
  const replaced = text.replace(comment, (_whole, kept: string | undefined) => kept ?? ' ').trim();
  const left = readConstants(replaced);
  return left?.constants.length === 0 && left.parameters === number ? replaced : null;
}

type Fields = { readonly [name: string]: unknown };

function readConstants(text: string): { constants: Constant[]; parameters: number } | null {
  const parsed = parseStatements(text);
  if ('fault' in parsed) return null;
  const [only, ...more] = parsed.statements;
  if (only === undefined || more.length > 0 || !('SelectStmt' in only)) return null;
  const constants: Constant[] = [];
  const keep = new Set<unknown>();
  const casts = new Map<unknown, Partial<Constant>>();
  const compared = new Set<unknown>();
  let parameters = 0;
  for (const { type, fields } of walkTree(only)) {
    switch (type) {
      case 'ParamRef':
        parameters = Math.max(parameters, Number(fields['number'] ?? 0));
        break;
      case 'SelectStmt':
        keepPlaces(fields, keep);
        break;
      case 'SortBy':
        keepNumber(fields['node'], keep);
        break;
      case 'TypeName':
        for (const one of listOf(fields['typmods'])) keepNumber(one, keep);
        break;
      case 'TypeCast':
        noteCast(fields, keep, casts);
        break;
      case 'A_ArrayExpr':
        for (const one of listOf(fields['elements'])) {
          const constant = constantOf(one);
          if (constant === null) continue;
          if ('ival' in constant) casts.set(constant, { cast: '::int8' });
          if ('fval' in constant) casts.set(constant, { cast: '::numeric' });
        }
        break;
      case 'FuncCall':
        if (unitFunctions.has(nameOf(fields['funcname']))) {
          const constant = constantOf(listOf(fields['args'])[0]);
          if (unit.test(textOf(constant) ?? '')) keep.add(constant);
        }
        break;
      case 'A_Expr': {
        const isSum = fields['kind'] === 'AEXPR_OP' && arithmetic.test(nameOf(fields['name']));
        if (!isSum && hasColumn([fields['lexpr'], fields['rexpr']])) {
          markCompared(fields['lexpr'], compared);
          markCompared(fields['rexpr'], compared);
        }
        break;
      }
      case 'A_Const':
        if (keep.has(fields) || 'boolval' in fields || fields['isnull'] === true) break;
        if (isSmall(fields) && !compared.has(fields)) break;
        constants.push({
          at: Number(fields['location'] ?? 0),
          typeAt: null,
          cast: '',
          ...casts.get(fields),
        });
        break;
      default:
    }
  }
  return { constants, parameters };
}

function keepPlaces(select: Fields, keep: Set<unknown>): void {
  for (const side of [select, select['larg'], select['rarg']].filter(isFields)) {
    keepNumber(side['limitCount'], keep);
    keepNumber(side['limitOffset'], keep);
    for (const one of listOf(side['groupClause'])) keepNumber(one, keep);
    // A set operation keeps its two sides bare, not as nodes.
    if (side !== select) keepPlaces(side, keep);
  }
}

function keepNumber(node: unknown, keep: Set<unknown>): void {
  const constant = constantOf(node);
  if (constant !== null && ('ival' in constant || 'fval' in constant)) keep.add(constant);
}

function noteCast(cast: Fields, keep: Set<unknown>, casts: Map<unknown, Partial<Constant>>): void {
  const constant = constantOf(cast['arg']);
  const type = cast['typeName'];
  if (constant === null || !isFields(type)) return;
  if (nameOf(type['names']) === 'interval' && /^[-+\d\s.:a-z]{1,60}$/i.test(textOf(constant) ?? '')) {
    keep.add(constant);
    return;
  }
  const [typeAt, at] = [Number(type['location'] ?? 0), Number(constant['location'] ?? 0)];
  if (typeAt >= 0 && typeAt < at) casts.set(constant, { typeAt });
}

/** Lists, rows, arrays and casts of what is compared are compared; what a function or a sum makes of it is not. */
function markCompared(node: unknown, compared: Set<unknown>): void {
  if (Array.isArray(node)) for (const one of node) markCompared(one, compared);
  if (!isFields(node)) return;
  const constant = constantOf(node);
  if (constant !== null) compared.add(constant);
  for (const [type, part] of [
    ['List', 'items'],
    ['RowExpr', 'args'],
    ['A_ArrayExpr', 'elements'],
    ['TypeCast', 'arg'],
  ] as const) {
    const fields = node[type];
    if (isFields(fields)) markCompared(fields[part], compared);
  }
}

function hasColumn(node: unknown): boolean {
  return [...walkTree(node)].some(({ type }) => type === 'ColumnRef');
}

function isSmall(constant: Fields): boolean {
  const number = constant['ival'];
  return isFields(number) && Math.abs(Number(number['ival'] ?? 0)) < smallBelow;
}

function constantOf(node: unknown): Fields | null {
  const constant = isFields(node) ? node['A_Const'] : undefined;
  return isFields(constant) ? constant : null;
}

function textOf(constant: Fields | null): string | null {
  const text = constant?.['sval'];
  return isFields(text) ? plain(text['sval']) : null;
}

/** The last word: the schema before it does not matter. */
function nameOf(names: unknown): string {
  const last = listOf(names).at(-1);
  const text = isFields(last) ? last['String'] : undefined;
  return isFields(text) ? plain(text['sval']) : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
