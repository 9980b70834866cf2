import type { Json } from '../../../platform/canonical-json.ts';
import { isCategory, personal } from '../seed/hide-values.ts';
import type { Traced } from './trace-persons.ts';

/** What a cell may be whoever it belongs to: a moment says of nobody. */
const moment = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * Cells as they may leave the database's side. Numbers, booleans, moments and short words that name a category stay, unless
 * the name of their column is one for persons or secrets; everything else becomes a mark, the same one for the same value, so
 * that rows can still be told apart and counted. What is computed from such a column, or has another name, becomes one mark
 * for all, nulls and booleans too: that a letter of it is like another would spell it out.
 */
export function maskCells(
  columns: readonly string[],
  rows: readonly (readonly Json[])[],
  { places, names }: Traced,
): { rows: Json[][]; maskedCells: number } {
  const marks = new Map<string, string>();
  let maskedCells = 0;
  const mark = (value: Json): Json => {
    maskedCells += 1;
    const key = JSON.stringify(value);
    const known = marks.get(key) ?? `[value ${marks.size + 1}]`;
    marks.set(key, known);
    return known;
  };
  const hide = (): Json => {
    maskedCells += 1;
    return '[masked]';
  };
  return {
    rows: rows.map((row) =>
      row.map((value, place) => {
        const name = columns[place] ?? '';
        if (places === null ? names.has(name) : places[place] !== false) return hide();
        return mayShow(value, personal.test(name)) ? value : mark(value);
      }),
    ),
    get maskedCells() {
      return maskedCells;
    },
  };
}

function mayShow(value: Json, isPersonal: boolean): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (isPersonal) return false;
  if (typeof value === 'number') return true;
  return typeof value === 'string' && (moment.test(value) || isCategory(value));
}
