import type { CommitDocument } from './commit-document.ts';
import { isTelling, type NamedPlace } from './read-trouble-text.ts';
import type { Rarity } from './word-measures.ts';

/** How one commit meets the places that a text names, each 0–1 or little more. */
export interface PlaceMatch {
  readonly file: number;
  /** It changes code inside a function that stands at the place. */
  readonly frame: number;
  /** How near its lines are to the named one. */
  readonly near: number;
  readonly files: readonly string[];
  readonly frames: readonly string[];
}

/** Lines away at which a third is left. */
const nearLines = 15;
const lastPlaceShare = 0.5;
/** Rarity that counts in full. */
const rarePath = 4;
const rareName = 2.5;

export function matchPlaces(
  document: CommitDocument,
  places: readonly NamedPlace[],
  lines: readonly (number | null)[],
  rarity: { readonly path: Rarity; readonly name: Rarity },
): PlaceMatch {
  let file = 0;
  let frame = 0;
  let near = 0;
  const files = new Set<string>();
  const frames = new Set<string>();
  for (const [at, { path, functions, order }] of places.entries()) {
    const line = lines[at] ?? null;
    const fade = lastPlaceShare + (1 - lastPlaceShare) * 0.8 ** order;
    for (const touched of document.files) {
      const fit = samePath(touched.path, path);
      if (fit === 0) continue;
      file = Math.max(file, (fit * fade * rarity.path(touched.path)) / rarePath);
      files.add(touched.path);
      for (const hunk of document.hunks) {
        if (hunk.path !== touched.path) continue;
        for (const name of functions) {
          if (!isTelling(name) || !hunk.around.includes(name)) continue;
          frames.add(`${name} in ${touched.path}`);
          frame = Math.max(frame, fade * fit * Math.min(1, rarity.name(name) / rareName));
        }
        if (line !== null) {
          const away = Math.max(0, hunk.newStart - line, line - hunk.newStart - hunk.newLength);
          near = Math.max(near, fade * fit * Math.exp(-away / nearLines));
        }
      }
    }
  }
  return { file, frame, near, files: [...files].slice(0, 2), frames: [...frames].slice(0, 2) };
}

/** Where each named line stood right after each commit: later commits moved it. Documents oldest first. */
export function driftOver(
  documents: readonly CommitDocument[],
  places: readonly NamedPlace[],
): (number | null)[][] {
  let lines = places.map((one) => one.line);
  const drift: (number | null)[][] = [];
  for (const document of documents.toReversed()) {
    drift.push(lines);
    lines = lines.map((line, at) => {
      const path = places[at]?.path ?? '';
      if (line === null) return null;
      let before = line;
      for (const hunk of document.hunks)
        if (samePath(hunk.path, path) > 0 && hunk.newStart + hunk.newLength <= line)
          before -= hunk.newLength - hunk.oldLength;
      return Math.max(1, before);
    });
  }
  return drift.toReversed();
}

/** 1 for the same path from some folder on, 0.7 for the same file name alone. */
function samePath(touched: string, named: string): number {
  if (touched === named || touched.endsWith(`/${named}`) || named.endsWith(`/${touched}`))
    return named.includes('/') ? 1 : 0.85;
  return touched.split('/').at(-1) === named.split('/').at(-1) ? 0.7 : 0;
}
