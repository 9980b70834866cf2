import { walkTree } from './parse-statement.ts';

/** Of one value that planning may compute from constants. */
export const mostBytes = 10_000_000;

/** By how much the result may be longer than the longest of so many arguments. */
const growers: Readonly<Record<string, (count: number) => number>> = {
  concat: (count) => count,
  concat_ws: (count) => 2 * count,
  array_cat: (count) => count,
  array_append: (count) => count,
  // One character becomes another, of at most four bytes.
  translate: () => 4,
  to_char: () => 8,
  // Quotation marks in it are escaped.
  ...Object.fromEntries(
    ['to_json', 'to_jsonb', 'row_to_json', 'json_build_object', 'jsonb_build_object'].map((name) => [
      name,
      (count: number) => 2 * count,
    ]),
  ),
};

/**
 * Bytes that constants of a statement can become while it is planned, at the very most: PostgreSQL computes what is constant
 * before it answers EXPLAIN, and a few nested calls make a gigabyte of ten characters. Sub-selects are no bound, since the
 * planner takes them apart, so every place that grows is taken to grow what all the others have made.
 */
export function boundGrowth(statement: unknown): number {
  let longest = 16;
  let factor = 1;
  const compared = new Set<unknown>();
  for (const { type, fields } of walkTree(statement)) {
    switch (type) {
      case 'A_Const':
        longest = Math.max(longest, lengthOf(fields) ?? 0);
        break;
      case 'TypeCast':
        // `char(1000000)` pads.
        longest = Math.max(longest, ...typeSizes(fields['typeName']));
        break;
      case 'A_Expr':
        if (JSON.stringify(fields['name']).includes('"||"')) factor *= 2;
        else for (const one of [fields['lexpr'], fields['rexpr']].flatMap(rowsOf)) compared.add(one);
        break;
      case 'RowExpr':
        if (!compared.has(fields)) factor *= 2 * Math.max(1, listOf(fields['args']).length);
        break;
      case 'A_ArrayExpr':
        if (!compared.has(fields)) factor *= 2 * Math.max(1, listOf(fields['elements']).length);
        break;
      case 'FuncCall':
        factor *= growthOf(fields);
        break;
      default:
    }
  }
  return longest * factor;
}

function growthOf(call: { readonly [name: string]: unknown }): number {
  const args = listOf(call['args']);
  const name = JSON.stringify(call['funcname']).match(/"sval":"(\w+)"\}\}\]$/)?.[1] ?? '';
  if (name === 'replace') {
    // Each character may become the whole of the last argument.
    const [last] = walkTree(args.at(-1));
    const length = last?.type === 'A_Const' ? lengthOf(last.fields) : null;
    return length === null ? Number.POSITIVE_INFINITY : Math.max(1, length);
  }
  return Object.hasOwn(growers, name) ? (growers[name]?.(Math.max(1, args.length)) ?? 1) : 1;
}

/** A row or a list of rows or an array that is only compared is never made into text. */
function rowsOf(side: unknown): unknown[] {
  const { RowExpr, A_ArrayExpr, List } = (side ?? {}) as { readonly [type: string]: unknown };
  const items = listOf((List as { readonly items?: unknown } | undefined)?.items);
  return [RowExpr, A_ArrayExpr, ...items.map((one) => (one as { RowExpr?: unknown }).RowExpr)].filter(
    (one) => one !== undefined,
  );
}

function lengthOf(constant: { readonly [name: string]: unknown }): number | null {
  const text = (constant['sval'] as { readonly sval?: string } | undefined)?.sval;
  return text === undefined ? null : Buffer.byteLength(text);
}

function typeSizes(typeName: unknown): number[] {
  const { typmods } = (typeName ?? {}) as { readonly typmods?: unknown };
  return [...walkTree(typmods)].map(({ fields }) =>
    Number((fields['ival'] as { readonly ival?: number } | undefined)?.ival ?? 0),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
