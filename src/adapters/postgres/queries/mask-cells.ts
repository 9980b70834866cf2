import type { Json } from '../../../platform/canonical-json.ts';
import { isCategory, personal } from '../seed/hide-values.ts';

/** What a cell may be whoever it belongs to: a moment says of nobody. */
const moment = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * Cells as they may leave the database's side. Numbers, booleans, moments and short words that name a category stay, unless
 * the name of their column is one for persons or secrets; everything else becomes a mark, the same one for the same value, so
 * that rows can still be told apart and counted.
 * @param shown columns that the statement computes with: under another name they are still what they were
 */
export function maskCells(
  columns: readonly string[],
  rows: readonly (readonly Json[])[],
  shown: readonly string[],
): { rows: Json[][]; maskedCells: number } {
  const marks = new Map<string, string>();
  const renamed = shown.some((name) => personal.test(name) && !columns.includes(name));
  let maskedCells = 0;
  const mark = (value: Json): Json => {
    maskedCells += 1;
    const key = JSON.stringify(value);
    const known = marks.get(key) ?? `[value ${marks.size + 1}]`;
    marks.set(key, known);
    return known;
  };
  return {
    rows: rows.map((row) =>
      row.map((value, place) => {
        const isPersonal = personal.test(columns[place] ?? '');
        return mayShow(value, isPersonal, renamed) ? value : mark(value);
      }),
    ),
    get maskedCells() {
      return maskedCells;
    },
  };
}

function mayShow(value: Json, isPersonal: boolean, renamed: boolean): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (isPersonal) return false;
  if (typeof value === 'number') return true;
  if (typeof value !== 'string') return false;
  return moment.test(value) || (!renamed && isCategory(value));
}
