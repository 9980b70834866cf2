import type { DiffFile } from '../culprits/parse-diff.ts';

/** A library whose version a diff changes; null where it came or went. */
export interface VersionChange {
  readonly path: string;
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** How manifests and lists of pinned versions write a library on one line. */
const forms: readonly (readonly [file: RegExp, line: RegExp])[] = [
  [
    /(^|\/)package\.json$/,
    /^\s*"((?:@[\w.-]+\/)?[\w.-]+)":\s*"([~^>=<]*\d[\w.+-]*|npm:[^"]+|latest|\*)",?\s*$/,
  ],
  [/(^|\/)go\.mod$/, /^\s*(?:require\s+)?((?=[\w.-]+\.)(?=[\w.-]+\/)[\w./-]+)\s+(v\d[\w.+-]*)/],
  [
    /(^|\/)[\w.-]*requirements[\w.-]*\.txt$/,
    /^\s*([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*[=~><!]=\s*([\w.*+!-]+)/,
  ],
  [
    /(^|\/)pyproject\.toml$/,
    /^\s*"?([A-Za-z][\w.-]*)(?:\[[^\]]*\])?(?:\s*=\s*"|\s*[=~><!]=\s*)([~^>=<]*\d[\w.*+-]*)/,
  ],
  [/(^|\/)Cargo\.toml$/, /^\s*([\w-]+)\s*=\s*(?:\{\s*version\s*=\s*)?"([~^=<>]*\d[\w.+-]*)"/],
  [/(^|\/)Gemfile(\.lock)?$/, /^\s*(?:gem\s+["'])?([\w-]+)["']?[,\s(]+["']?([~>=<\s]*\d[\w.]*)/],
  [/(^|\/)build\.gradle(\.kts)?$/, /["']([\w.-]+:[\w.-]+):(\d[\w.-]*)["']/],
  [/(^|\/)(Dockerfile[\w.-]*|[\w.-]+\.dockerfile)$/i, /^\s*FROM\s+([\w./-]+):([\w.-]+)/i],
];

/** A package’s own number says nothing of its libraries. */
const ownNumber = /^(version|name|node|npm|python|requires-python|edition|go)$/;
const mostChanges = 200;

/** Libraries and base images whose version is another one after the diff. */
export function findVersionChanges(files: readonly DiffFile[]): VersionChange[] {
  return files.flatMap(changesOf).slice(0, mostChanges);
}

function changesOf(file: DiffFile): VersionChange[] {
  const form = forms.find(([name]) => name.test(file.path))?.[1];
  if (form === undefined) return [];
  const read = (lines: readonly { readonly text: string }[]): Map<string, string> =>
    new Map(
      lines.flatMap(({ text }) => {
        const [, name, version] = text.length > 400 ? [] : (form.exec(text) ?? []);
        return name === undefined || version === undefined || ownNumber.test(name)
          ? []
          : [[name, version.trim()] as const];
      }),
    );
  const before = read(file.hunks.flatMap((hunk) => hunk.removed));
  const after = read(file.hunks.flatMap((hunk) => hunk.added));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [from, to] = [before.get(name) ?? null, after.get(name) ?? null];
    return from === to ? [] : [{ path: file.path, name, from, to }];
  });
}
