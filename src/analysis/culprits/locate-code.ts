import { blockAt, type CodeBlock, type SourceIndex, wordsOf } from './source-index.ts';
import type { Symptoms } from './symptoms.ts';

/** Where in the source the trouble shows, spread over what that code calls, and the settings it reads. */
export interface Locus {
  /** Block id → 0–1. */
  readonly blocks: ReadonlyMap<number, number>;
  /** Identifier → 0–1: settings and names that the code in question uses. */
  readonly words: ReadonlyMap<string, number>;
  /** Where a text or a route of the telemetry stands in the source, for the reasons. */
  readonly found: readonly { readonly path: string; readonly line: number; readonly what: string }[];
}

const calleeShare = 0.72;
const callerShare = 0.4;
const farthest = 5;

export function locateCode(index: SourceIndex, symptoms: Symptoms): Locus {
  const blocks = new Map<number, number>();
  const found: { path: string; line: number; what: string }[] = [];
  const windows: { words: string[]; weight: number }[] = [];
  const mark = (path: string, line: number, weight: number, what: string, whole: boolean): void => {
    const block = blockAt(index, path, line);
    found.push({ path, line, what });
    const around = index.files.get(path)?.slice(Math.max(0, line - 3), line + 6) ?? [];
    windows.push({ words: wordsOf(around.join('\n')), weight });
    if (block !== undefined) raise(blocks, block.id, whole ? weight : weight * 0.5);
  };

  for (const [place, frame] of symptoms.frames.slice(0, 8).entries()) {
    const path = pathOfFrame(index, frame.file);
    if (path !== null && frame.line !== null) mark(path, frame.line, 0.9 ** place, 'stack trace', true);
  }
  for (const text of symptoms.texts)
    for (const hit of findText(index, text.text))
      mark(hit.path, hit.line, text.weight * hit.weight, text.source, true);
  for (const operation of symptoms.operations)
    for (const hit of findRoute(index, operation))
      mark(hit.path, hit.line, 0.8, `operation ${operation}`, false);
  for (const peer of symptoms.peers)
    for (const hit of findPeer(index, peer)) mark(hit.path, hit.line, 0.5, `calls to ${peer}`, false);

  for (const window of windows)
    for (const word of window.words)
      for (const callee of ownBlocks(index, word)) raise(blocks, callee.id, window.weight * calleeShare);
  spread(index, blocks);
  return { blocks, words: wordWeights(index, blocks, windows), found };
}

/** Follows calls outwards, a step at a time, each step weaker; callers of the place count a little. */
function spread(index: SourceIndex, blocks: Map<number, number>): void {
  const seeds = Array.from(blocks);
  for (const [id, weight] of seeds) {
    const name = index.blocks[id]?.name;
    if (name === undefined || name === '<module>' || weight < 0.3) continue;
    for (const block of index.blocks)
      if (block.id !== id && block.words.has(name)) raise(blocks, block.id, weight * callerShare);
  }
  let frontier = [...blocks.keys()];
  for (let step = 0; step < farthest && frontier.length > 0; step += 1) {
    const next: number[] = [];
    for (const id of frontier) {
      const block = index.blocks[id];
      const weight = (blocks.get(id) ?? 0) * calleeShare;
      if (block === undefined || weight < 0.08) continue;
      for (const word of block.words)
        for (const callee of ownBlocks(index, word))
          if (callee.id !== id && raise(blocks, callee.id, weight)) next.push(callee.id);
    }
    frontier = next;
  }
}

function wordWeights(
  index: SourceIndex,
  blocks: ReadonlyMap<number, number>,
  windows: readonly { words: string[]; weight: number }[],
): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [id, weight] of blocks)
    for (const word of index.blocks[id]?.words ?? []) raise(weights, word, weight);
  for (const window of windows) for (const word of window.words) raise(weights, word, window.weight);
  return weights;
}

/** Functions of this tree with that name, unless the name says nothing because many share it. */
function ownBlocks(index: SourceIndex, word: string): readonly CodeBlock[] {
  const named = index.byName.get(word) ?? [];
  return named.length > 4 ? [] : named;
}

function findText(index: SourceIndex, text: string): { path: string; line: number; weight: number }[] {
  const fragments = text
    .split(/<\*>|["'`\n]|\d+/)
    .map((part) => part.replace(/^[\s:;,.()[\]{}-]+|(?<![\s:;,.()[\]{}-])[\s:;,.()[\]{}-]+$/g, ''))
    .filter((part) => part.length >= 8 && /\w\W+\w/.test(part))
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 4);
  const names = [
    ...new Set(
      text.match(
        /\b[A-Z][A-Z\d]+_[A-Z\d_]+\b|\b[A-Za-z]+(?:Error|Exception|Timeout)\b|\b[a-z]+[A-Z]\w+\b/g,
      ) ?? [],
    ),
  ];
  const hits: { path: string; line: number; weight: number }[] = [];
  for (const needle of [...fragments, ...names.slice(0, 6)]) {
    const places = placesOf(index, needle);
    if (places.length > 8) continue;
    for (const place of places) hits.push({ ...place, weight: places.length <= 2 ? 1 : 0.6 });
  }
  return hits;
}

/** `POST /carts/:id/items` → lines with that path as a string; else with its telling words. */
function findRoute(index: SourceIndex, operation: string): { path: string; line: number }[] {
  const route = operation.replace(/^[A-Z]+\s+/, '');
  if (!route.includes('/')) return /^[\w.]+$/.test(route) ? placesOf(index, route).slice(0, 4) : [];
  const method = /^([A-Z]+)\s/.exec(operation)?.[1];
  const exact = placesOf(index, route).filter((place) => {
    const line = index.files.get(place.path)?.[place.line - 1] ?? '';
    const at = line.indexOf(route);
    return /["'`\s(]/.test(line[at - 1] ?? ' ') && /["'`\s)]/.test(line[at + route.length] ?? ' ');
  });
  const sameMethod = exact.filter((place) => {
    const near = index.files.get(place.path)?.slice(Math.max(0, place.line - 2), place.line) ?? [];
    return method !== undefined && near.join(' ').toUpperCase().includes(method);
  });
  return (sameMethod.length > 0 ? sameMethod : exact).slice(0, 4);
}

function findPeer(index: SourceIndex, peer: string): { path: string; line: number }[] {
  const [short] = peer.split(/[-_.]/);
  const exact = placesOf(index, peer);
  if (exact.length > 0 || short === undefined || short.length < 4) return exact.slice(0, 6);
  return placesOf(index, short).slice(0, 6);
}

function placesOf(index: SourceIndex, needle: string): { path: string; line: number }[] {
  const places: { path: string; line: number }[] = [];
  for (const path of index.byPath.keys()) {
    for (const [at, line] of (index.files.get(path) ?? []).entries())
      if (line.includes(needle)) places.push({ path, line: at + 1 });
    if (places.length > 20) break;
  }
  return places;
}

/** A frame names a file as its machine saw it: the path of the tree that is its longest ending. */
export function pathOfFrame(index: SourceIndex, file: string): string | null {
  const parts = file.replaceAll('\\', '/').split('/');
  for (let from = 0; from < parts.length; from += 1) {
    const tail = parts.slice(from).join('/');
    if (index.files.has(tail)) return tail;
  }
  const name = parts.at(-1) ?? '';
  const ending = [...index.files.keys()].filter((path) => path.split('/').at(-1) === name);
  return ending.length === 1 ? (ending[0] ?? null) : null;
}

function raise<K>(map: Map<K, number>, key: K, value: number): boolean {
  const weight = Math.min(1, value);
  if (weight <= (map.get(key) ?? 0) + 0.01) return false;
  map.set(key, weight);
  return true;
}
