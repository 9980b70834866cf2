import type { DiffFile, DiffHunk } from './parse-diff.ts';
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

type Family =
  | 'expiry'
  | 'deadline'
  | 'capacity'
  | 'delay'
  | 'repetition'
  | 'target'
  | 'threshold'
  | 'secret'
  | 'answer'
  | 'duration';

const families: readonly (readonly [Family, ReadonlySet<string>])[] = [
  ['answer', words('status code')],
  ['deadline', words('timeout deadline patience')],
  [
    'expiry',
    words(
      'ttl expiry expire expires expiration lifetime validity valid maxage age keep retention hold remember lease skew renew refresh window',
    ),
  ],
  ['secret', words('secret key algorithm issuer audience signature cert credential')],
  [
    'target',
    words('url uri host hostname port endpoint address path route topic bucket region table schema base'),
  ],
  ['delay', words('delay interval backoff sleep wait pause debounce throttle latency every jitter spread')],
  ['repetition', words('retries retry attempts rounds iterations cost factor depth passes scan')],
  [
    'capacity',
    words(
      'pool max limit size concurrency workers threads queue capacity connections sockets quota rate burst entries batch buffer bytes length permits slots inflight',
    ),
  ],
  ['threshold', words('min minimum threshold below above least ratio percent tolerance')],
  // Last, since every deadline and delay has a unit too.
  [
    'duration',
    words(
      'ms millis millisecond milliseconds seconds second minutes minute hours hour days day period scale unit',
    ),
  ],
];

const effects: Record<
  Family,
  { up: readonly [TroubleKind, number][]; down: readonly [TroubleKind, number][] }
> = {
  deadline: {
    down: [
      ['timeouts', 1],
      ['errors', 0.9],
      ['rejections', 0.2],
    ],
    up: [
      ['latency', 0.7],
      ['saturation', 0.6],
      ['descriptor-leak', 0.4],
      ['timeouts', 0.3],
    ],
  },
  expiry: {
    down: [
      ['rejections', 1],
      ['errors', 0.8],
      ['latency', 0.7],
      ['traffic', 0.8],
      ['cpu', 0.5],
    ],
    up: [
      ['memory-leak', 0.8],
      ['rejections', 0.6],
      ['errors', 0.5],
      ['descriptor-leak', 0.4],
    ],
  },
  secret: {
    up: [
      ['rejections', 1],
      ['errors', 0.9],
    ],
    down: [
      ['rejections', 1],
      ['errors', 0.9],
    ],
  },
  target: {
    up: [
      ['errors', 1],
      ['timeouts', 0.8],
      ['rejections', 0.8],
    ],
    down: [
      ['errors', 1],
      ['timeouts', 0.8],
      ['rejections', 0.8],
    ],
  },
  delay: {
    up: [
      ['latency', 1],
      ['timeouts', 0.8],
      ['errors', 0.4],
      ['saturation', 0.4],
    ],
    down: [
      ['traffic', 0.8],
      ['cpu', 0.8],
      ['saturation', 0.5],
      ['errors', 0.3],
      ['latency', 0.4],
    ],
  },
  repetition: {
    up: [
      ['latency', 0.9],
      ['cpu', 0.9],
      ['traffic', 0.9],
      ['saturation', 0.6],
      ['timeouts', 0.5],
      ['errors', 0.3],
    ],
    down: [
      ['errors', 0.7],
      ['timeouts', 0.5],
    ],
  },
  capacity: {
    down: [
      ['saturation', 1],
      ['errors', 0.9],
      ['rejections', 0.9],
      ['latency', 0.9],
      ['timeouts', 0.8],
      ['traffic', 0.4],
    ],
    up: [
      ['memory-leak', 0.9],
      ['descriptor-leak', 0.8],
      ['latency', 0.7],
      ['cpu', 0.6],
      ['saturation', 0.4],
    ],
  },
  answer: {
    up: [
      ['errors', 1],
      ['rejections', 1],
    ],
    down: [
      ['errors', 1],
      ['rejections', 1],
    ],
  },
  duration: {
    down: [
      ['rejections', 0.7],
      ['timeouts', 0.7],
      ['errors', 0.6],
      ['traffic', 0.5],
    ],
    up: [
      ['latency', 0.7],
      ['timeouts', 0.6],
      ['memory-leak', 0.5],
      ['rejections', 0.4],
    ],
  },
  threshold: {
    up: [
      ['rejections', 0.8],
      ['errors', 0.7],
    ],
    down: [
      ['rejections', 0.6],
      ['errors', 0.6],
    ],
  },
};

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

function familyOf(change: SettingChange): Family | null {
  const parts = splitIdentifier(change.key);
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

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
