import type { Node } from 'libpg-query';
import { parseStatements, walkTree } from '../parse-statement.ts';

/** What a parameter is compared with, so that a value can be found for it. */
export type ParameterUse =
  | {
      /** `least` and `most` bound the column from below and from above. */
      readonly how: 'equal' | 'any' | 'least' | 'most';
      readonly column: string;
      /** Alias or name of the table; null where the statement does not say. */
      readonly qualifier: string | null;
    }
  | { readonly how: 'fixed'; readonly value: string };

/** By number. A parameter that is compared with no plain column is not there. */
export function findParameters(statement: string): ReadonlyMap<number, ParameterUse> {
  const parsed = parseStatements(statement);
  const found = new Map<number, ParameterUse>();
  if ('fault' in parsed) return found;
  const note = (node: unknown, use: ParameterUse): void => {
    const number = parameterOf(node);
    if (number !== null && !found.has(number)) found.set(number, use);
  };
  for (const { type, fields } of walkTree(parsed.statements)) {
    if (type === 'A_Expr') noteComparison(fields, note);
    if (type === 'SelectStmt') {
      note(fields['limitCount'], { how: 'fixed', value: '20' });
      note(fields['limitOffset'], { how: 'fixed', value: '0' });
    }
  }
  for (const { type, fields } of walkTree(parsed.statements)) {
    // `now() - $1::interval`: any span that is short against a table's life.
    if (type === 'TypeCast' && JSON.stringify(fields['typeName']).includes('"interval"'))
      note(fields['arg'], { how: 'fixed', value: '7 days' });
  }
  return found;
}

/** For `column operator value`. */
const byOperator: Readonly<Record<string, 'equal' | 'least' | 'most'>> = {
  '=': 'equal',
  '~~': 'equal',
  '>': 'least',
  '>=': 'least',
  '<': 'most',
  '<=': 'most',
};
const turned = { equal: 'equal', least: 'most', most: 'least' } as const;

function noteComparison(
  fields: { readonly [name: string]: unknown },
  note: (node: unknown, use: ParameterUse) => void,
): void {
  const { kind, lexpr, rexpr } = fields;
  const operator = /"sval":"([^"]+)"/.exec(JSON.stringify(fields['name']))?.[1] ?? '';
  const how = byOperator[operator];
  const left = columnOf(lexpr);
  const right = columnOf(rexpr);
  switch (kind) {
    case 'AEXPR_OP':
    case 'AEXPR_LIKE':
      if (how === undefined) return;
      if (left !== null) note(rexpr, { how, ...left });
      if (right !== null) note(lexpr, { how: turned[how], ...right });
      return;
    case 'AEXPR_OP_ANY':
      if (left !== null) note(rexpr, { how: 'any', ...left });
      return;
    case 'AEXPR_IN':
      if (left !== null) for (const item of itemsOf(rexpr)) note(item, { how: 'equal', ...left });
      return;
    case 'AEXPR_BETWEEN': {
      const [least, most] = itemsOf(rexpr);
      if (left === null) return;
      note(least, { how: 'least', ...left });
      note(most, { how: 'most', ...left });
      return;
    }
    default:
  }
}

function itemsOf(list: unknown): readonly Node[] {
  const node = list as Node | undefined;
  return node !== undefined && 'List' in node ? (node.List.items ?? []) : [];
}

function parameterOf(value: unknown): number | null {
  const node = value as Node | undefined;
  if (node === undefined) return null;
  if ('TypeCast' in node) return parameterOf(node.TypeCast.arg);
  return 'ParamRef' in node ? (node.ParamRef.number ?? null) : null;
}

function columnOf(value: unknown): { column: string; qualifier: string | null } | null {
  const node = value as Node | undefined;
  if (node === undefined) return null;
  if ('TypeCast' in node) return columnOf(node.TypeCast.arg);
  if (!('ColumnRef' in node)) return null;
  const words = (node.ColumnRef.fields ?? []).flatMap((field) =>
    'String' in field ? (field.String.sval ?? []) : [],
  );
  const column = words.at(-1);
  return column === undefined ? null : { column, qualifier: words.at(-2) ?? null };
}
