import type { Part } from './candidate-commit.ts';
import type { DiffFile } from './parse-diff.ts';
import type { Symptoms } from './symptoms.ts';

/** A library that came, went, or changed its version. */
export interface DependencyChange {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
}

type Reader = (line: string) => readonly [name: string, version: string] | null;

const byPattern =
  (pattern: RegExp): Reader =>
  (line) => {
    const [, name, version] = pattern.exec(line) ?? [];
    return name === undefined || version === undefined ? null : [name, version];
  };

/** By file: how a line names a library and its version. Locks are read by what they were resolved to. */
const readers: readonly (readonly [RegExp, Reader])[] = [
  [
    /(^|\/)package\.json$/,
    byPattern(/^\s*"((?:@[\w.-]+\/)?[\w.-]+)":\s*"((?:[~^]|[<>]=?)?\s?v?\d[\w.+-]*)",?\s*$/),
  ],
  [
    /(^|\/)(?:package-lock\.json|yarn\.lock)$/,
    byPattern(/\/((?:@[\w.-]+(?:\/|%2f))?[\w.-]+)\/-\/[\w.-]+?-(\d[\w.+-]*?)\.tgz/),
  ],
  [
    /(^|\/)requirements[\w-]*\.txt$/,
    byPattern(/^\s*([\w.-]+)(?:\[[^\]]*\])?\s*(?:==|~=|>=)\s*(\d[\w.+!-]*)/),
  ],
  [/(^|\/)go\.mod$/, byPattern(/^\s*(?:require\s+)?((?=[\w.-]+\.)[\w./-]+)\s+(v\d[\w.+-]*)/)],
  [
    /(^|\/)(?:pyproject|Cargo)\.toml$/,
    byPattern(/^\s*([\w.-]+)\s*=\s*(?:\{[^}]*version\s*=\s*)?"((?:[~^]|[<>=]=?)?\s?\d[\w.+-]*)"/),
  ],
];
/** A manifest's own fields look like libraries. */
const ownFields = new Set(['version', 'node', 'npm', 'python', 'edition', 'rust-version', 'requires-python']);

/** What a commit did to the libraries that a service runs with; each of them once. */
export function findDependencyChanges(files: readonly DiffFile[]): DependencyChange[] {
  const from = new Map<string, string>();
  const to = new Map<string, string>();
  for (const file of files) {
    const read = readers.find(([path]) => path.test(file.path))?.[1];
    if (read === undefined) continue;
    for (const hunk of file.hunks)
      for (const [lines, versions] of [
        [hunk.removed, from],
        [hunk.added, to],
      ] as const)
        for (const { text } of lines) {
          const [name, version] = read(text) ?? [];
          // A manifest says a range, its lock the version that runs: the later word is the more exact.
          if (name !== undefined && version !== undefined && !ownFields.has(name))
            versions.set(name, version);
        }
  }
  return [...new Set([...from.keys(), ...to.keys()])]
    .map((name) => ({ name, from: from.get(name) ?? null, to: to.get(name) ?? null }))
    .filter((change) => change.from !== change.to);
}

/** A library that the stack went through explains most; a new major version is known to break things, a patch seldom does. */
export function weighDependencies(
  changes: readonly DependencyChange[],
  symptoms: Symptoms,
): Part & { readonly best: DependencyChange | null } {
  const said = symptoms.texts.map((one) => one.text.toLowerCase()).join('\n');
  let best: Part & { best: DependencyChange | null } = { weight: 0, reason: null, best: null };
  for (const change of changes) {
    const inStack = symptoms.libraries?.includes(change.name) === true;
    const named = new RegExp(String.raw`(?<![\w-])${literally(change.name.toLowerCase())}(?![\w-])`).test(
      said,
    );
    const weight = inStack ? 0.85 : named ? 0.6 : isMajor(change) ? 0.35 : 0.15;
    if (weight <= best.weight) continue;
    const why = inStack ? ', which the stack trace goes through' : named ? ', which the error names' : '';
    best = { weight, best: change, reason: `changes the library ${sayDependency(change)}${why}` };
  }
  return best;
}

/** "`pg` 8.11.0 → 9.0.0" */
export function sayDependency({ name, from, to }: DependencyChange): string {
  if (from === null) return `\`${name}\` (new, ${to ?? 'any version'})`;
  return to === null ? `\`${name}\` (${from}, removed)` : `\`${name}\` ${from} → ${to}`;
}

function isMajor({ from, to }: DependencyChange): boolean {
  const major = (version: string | null): string | undefined => /\d+/.exec(version ?? '')?.[0];
  return from !== null && to !== null && major(from) !== major(to);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
