import type { IndexFacts, TableFacts } from '../../ports/database.ts';
import type { Column } from './schema.ts';

/** An index that already does what this one would: same columns, same directions or all of them reversed. */
export function findDuplicate(table: TableFacts, columns: readonly Column[]): IndexFacts | undefined {
  const reversed = columns.map((column): Column => {
    return { name: column.name, order: column.order === 'asc' ? 'desc' : 'asc' };
  });
  const wanted = new Set([spell(columns), spell(reversed)]);
  return table.indexes.find((index) => index.valid && wanted.has(keysOf(index)));
}

/** Indexes that begin with these columns: they serve much of what this one would. */
export function findWider(table: TableFacts, columns: readonly Column[]): IndexFacts[] {
  const names = columns.map((column) => column.name);
  return table.indexes.filter(
    (index) =>
      index.valid &&
      keysOf(index) !== '' &&
      index.columns.length > names.length &&
      names.every((name, at) => bare(index.columns[at] ?? '') === name),
  );
}

function spell(columns: readonly Column[]): string {
  return columns.map(({ name, order }) => `${name}${order === 'desc' ? ' DESC' : ''}`).join(', ');
}

/** What stands between the brackets of a whole-table B-tree, its names without quotes; empty for any other index. */
function keysOf({ definition }: IndexFacts): string {
  const [, keys = ''] = / USING btree \((.+)\)$/.exec(definition) ?? [];
  return / (INCLUDE|WHERE|WITH) \(/.test(definition) ? '' : bare(keys);
}

function bare(text: string): string {
  return text.replaceAll('"', '');
}
