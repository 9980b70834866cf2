import type { ListedTable } from './read-schema.ts';

/** A table of its own, with the partitions of it (and of those) that go along. */
export interface TableTree {
  readonly root: ListedTable;
  /** Those above before those below. */
  readonly parts: readonly ListedTable[];
}

export interface TableLimits {
  readonly tables: number;
  /** Of one table. */
  readonly partitions: number;
}

/** By name; of partitions the last by name, which mostly are the latest, and the default. */
export function chooseTables(
  listed: readonly ListedTable[],
  limits: TableLimits,
): { trees: TableTree[]; leftOut: string[] } {
  const known = new Set(listed.map(({ oid }) => oid));
  // A partition whose parent is elsewhere stands as a table of its own.
  const roots = listed.filter(({ parent }) => parent === null || !known.has(parent));
  const leftOut: string[] = [];
  const trees = roots.slice(0, limits.tables).map((root): TableTree => {
    const all = below(root, listed);
    const parts = all.length <= limits.partitions ? all : all.slice(-limits.partitions);
    // What is above a kept one has to be there, too.
    const kept = new Set(parts.flatMap((part) => [part.oid, ...above(part, all)]));
    const chosen = all.filter(({ oid }) => kept.has(oid));
    if (chosen.length < all.length)
      leftOut.push(
        `${all.length - chosen.length} of ${all.length} partitions of ${root.schema}.${root.name}.`,
      );
    return { root, parts: chosen };
  });
  const others = roots.slice(limits.tables).map(({ schema, name }) => `${schema}.${name}`);
  if (others.length > 0)
    leftOut.push(`${others.length} tables beyond the first ${limits.tables}: ${some(others)}.`);
  return { trees, leftOut };
}

/** `a, b, c and 4 more`. */
export function some(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).join(', ');
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

function below(one: ListedTable, listed: readonly ListedTable[]): ListedTable[] {
  const own = listed.filter(({ parent }) => parent === one.oid);
  return own.flatMap((part) => [part, ...below(part, listed)]);
}

function above(part: ListedTable, all: readonly ListedTable[]): string[] {
  const next = all.find(({ oid }) => oid === part.parent);
  return next === undefined ? [] : [next.oid, ...above(next, all)];
}
