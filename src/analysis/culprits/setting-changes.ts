import type { DiffFile, DiffHunk } from './parse-diff.ts';
import { effects, type Family, families } from './setting-families.ts';
import type { TroubleKind } from './symptoms.ts';
import { splitIdentifier } from './tokenize.ts';

/** One value that a commit changed in place: a setting, a constant, a literal. */
export interface SettingChange {
  readonly path: string;
  /** Last identifier before the value. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** What it stands in: names before it on its line, the keys around it, the file's own name. */
  readonly within: readonly string[];
  /** `to / from` for numbers. */
  readonly factor: number | null;
  /** A number became a text, or the other way round: whoever reads it gets what it never knew. */
  readonly retyped: boolean;
}

const manifest =
  /(^|\/)(package\.json|pyproject\.toml|Cargo\.toml|go\.mod|pom\.xml|composer\.json|requirements[\w-]*\.txt|[\w-]+\.gemspec)$/;

/** Values that changed while their line stayed the same otherwise. */
export function findSettingChanges(file: DiffFile): SettingChange[] {
  // A package's own version and its libraries' are no settings.
  if (manifest.test(file.path)) return [];
  return file.hunks.flatMap((hunk) =>
    pairLines(hunk).flatMap(([from, to]) => compareLine(file.path, from, to, hunk.around)),
  );
}

/** How well a changed value explains each kind of trouble, 0–1. */
export function effectOf(change: SettingChange, kinds: ReadonlyMap<TroubleKind, number>): number {
  if (change.retyped)
    return 0.95 * Math.max(kinds.get('errors') ?? 0, kinds.get('rejections') ?? 0, kinds.get('crash') ?? 0);
  const family = familyOf(change);
  const size =
    change.factor === null ? 1 : Math.min(1, Math.abs(Math.log(Math.max(change.factor, 1e-6))) / Math.log(4));
  const strength =
    change.factor === 0 || family === 'answer' || family === 'secret' || family === 'target' ? 1 : size;
  let best = 0;
  if (family === null) {
    for (const weight of kinds.values()) best = Math.max(best, 0.45 * weight);
    return best * (change.factor === null ? 0.8 : strength);
  }
  const list = change.factor !== null && change.factor < 1 ? effects[family].down : effects[family].up;
  for (const [kind, weight] of list) best = Math.max(best, weight * (kinds.get(kind) ?? 0));
  return best * strength;
}

/** True for values that must not be repeated to people. */
export function isSecret(change: SettingChange): boolean {
  return [change.key, ...change.within].some((name) =>
    splitIdentifier(name).some((part) => /^(?:secrets?|keys?|passwords?|credentials?|tokens?)$/.test(part)),
  );
}

/** Its own name tells what a value is; where that says nothing, what it stands in does. */
function familyOf(change: SettingChange): Family | null {
  for (const name of [change.key, ...change.within]) {
    const family = familyOfName(name);
    if (family !== null) return family;
  }
  return null;
}

function familyOfName(name: string): Family | null {
  const parts = splitIdentifier(name);
  // The last words say what a value is: `renewAfterTimeout` is a deadline whatever it renews.
  const named = parts
    .toReversed()
    .flatMap((part) => families.find(([, members]) => members.has(part))?.[0] ?? []);
  return named.find((family) => family !== 'duration') ?? named[0] ?? null;
}

function pairLines(hunk: DiffHunk): [string, string][] {
  const left = hunk.removed.map((line) => line.text.trim());
  const pairs: [string, string][] = [];
  for (const { text } of hunk.added) {
    const shape = shapeOf(text.trim());
    const index = left.findIndex((line) => line !== text.trim() && shapeOf(line) === shape);
    const match = left[index];
    if (match === undefined) continue;
    pairs.push([match, text.trim()]);
    left.splice(index, 1);
  }
  return pairs;
}

const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w$])-?\d[\d_]*(?:\.\d+)?|\b(?:true|false)\b/g;

/** Values in a line; a quoted text before a colon is a key. */
function literalsOf(line: string): { text: string; index: number }[] {
  return [...line.matchAll(tokens)]
    .filter((match) => !(/^["']/.test(match[0]) && /^\s*:/.test(line.slice(match.index + match[0].length))))
    .map((match) => ({ text: match[0], index: match.index }));
}

function shapeOf(line: string): string {
  let shape = '';
  let at = 0;
  for (const { text, index } of literalsOf(line)) {
    shape += `${line.slice(at, index)}\u0001`;
    at = index + text.length;
  }
  return (shape + line.slice(at)).replace(/,$/, '');
}

function compareLine(path: string, from: string, to: string, around: readonly string[]): SettingChange[] {
  const stem =
    path
      .split('/')
      .at(-1)
      ?.replace(/\.\w+$/, '') ?? path;
  const parents = around.flatMap(
    (line) => /^["']?([A-Za-z_$][\w$-]*)["']?\s*[:=]\s*[{[]?$/.exec(line)?.[1] ?? [],
  );
  const before = literalsOf(from);
  const after = literalsOf(to);
  return after.flatMap((match, index) => {
    const old = before[index];
    if (old === undefined || old.text === match.text) return [];
    const names = [...to.slice(0, match.index).matchAll(/[A-Za-z_$][\w$-]*/g)];
    const key = names.at(-1)?.[0] ?? stem;
    const within = [...names.slice(0, -1).map((name) => name[0]), ...parents, stem];
    const a = Number(old.text.replaceAll('_', ''));
    const b = Number(match.text.replaceAll('_', ''));
    const numeric = Number.isFinite(a) && Number.isFinite(b);
    const retyped = /^["']/.test(old.text) !== /^["']/.test(match.text);
    const factor = numeric && a !== 0 ? b / a : null;
    return [{ path, key, within, from: old.text, to: match.text, factor, retyped }];
  });
}
