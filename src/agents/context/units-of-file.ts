import type { TreeFile } from './read-tree.ts';
import { splitFile } from './split-file.ts';
import { makeUnit, type Unit } from './unit.ts';

/** Masking and counting are most of the work, and a file of a commit never changes. */
const known = new WeakMap<TreeFile, Map<string, Unit[]>>();

/** @param owner stands before the path, for files of another service; empty for our own */
export function unitsOfFile(file: TreeFile, owner: string, relevance: number): Unit[] {
  const ofFile = known.get(file) ?? new Map<string, Unit[]>();
  known.set(file, ofFile);
  const units =
    ofFile.get(owner) ??
    splitFile(file).map((part) =>
      makeUnit({
        key: `${owner}${part.key}`,
        title: `${owner}${part.title}`,
        text: part.text,
        path: file.path,
        relevance: 0,
      }),
    );
  ofFile.set(owner, units);
  return units.map((unit) => ({ ...unit, relevance }));
}
