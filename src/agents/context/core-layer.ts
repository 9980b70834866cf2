import type { Candidates } from './allot.ts';
import { findSymbols } from './find-symbols.ts';
import { type MappedFile, writeMap } from './map-tree.ts';
import { rankFiles } from './rank-files.ts';
import type { Tree } from './read-tree.ts';
import { makeUnit, type Unit } from './unit.ts';
import { unitsOfFile } from './units-of-file.ts';

/** Of the layer's room: the tree and its symbols, where not everything fits. */
const mapShare = 0.18;
/** Above every file. */
const first = 1_000;

/**
 * The service's own source, configuration, scripts, interfaces and documents at one commit. Everything where it fits;
 * else a map of all of it, and the files in an order that follows from the repository alone: every agent of this service
 * at this commit loads the same bytes, whatever the incident.
 */
export function coreCandidates(tree: Tree, roomTokens: number): Candidates {
  const ofTree = made.get(tree) ?? new Map<number, Candidates>();
  made.set(tree, ofTree);
  const candidates = ofTree.get(roomTokens) ?? makeCandidates(tree, roomTokens);
  ofTree.set(roomTokens, candidates);
  return candidates;
}

/** A tree at a commit never changes: the next agent begins with what the first one found. */
const made = new WeakMap<Tree, Map<number, Candidates>>();

function makeCandidates(tree: Tree, roomTokens: number): Candidates {
  const ranks = rankFiles(tree.files);
  const units: Unit[] = [];
  const mapped: MappedFile[] = [];
  let total = 0;
  for (const file of tree.files) {
    const relevance = ranks.get(file.path) ?? 0;
    const parts = unitsOfFile(file, '', relevance);
    const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
    units.push(...parts);
    mapped.push({ file, tokens, relevance });
    total += tokens;
  }
  if (total <= roomTokens) return { layer: 'l1', units, leftOut: tree.leftOut };
  const map = writeMap(mapped, Math.floor(roomTokens * mapShare), (file) => [
    ...new Set(findSymbols(file.text).map((symbol) => symbol.name)),
  ]);
  // A blank sorts before every path.
  const unit = makeUnit({ key: ' map', title: 'map of the repository', text: map, relevance: first });
  return { layer: 'l1', units: [unit, ...units], leftOut: tree.leftOut };
}
