import { z } from 'zod';
import { compareText } from './allot.ts';
import type { Tree } from './read-tree.ts';

const manifestSchema = z.looseObject({
  name: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});
const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })).default({}),
});

/** Manifests of other ecosystems are short and say it themselves. */
const others =
  /(^|\/)(requirements[\w.-]*\.txt|pyproject\.toml|go\.mod|Cargo\.toml|pom\.xml|build\.gradle(\.kts)?|Gemfile)$/;
const mostManifests = 40;

/** Which libraries are in use, in the version that the lockfile pins where there is one; null when nothing says it. */
export function listLibraries(tree: Tree, lockfile: string | null): string | null {
  const pinned = readPinned(lockfile);
  const parts: string[] = [];
  const manifests = tree.files.filter(({ path }) => /(^|\/)package\.json$/.test(path) || others.test(path));
  for (const { path, text } of manifests.slice(0, mostManifests)) {
    if (others.test(path)) {
      parts.push(`${path}:`, text);
      continue;
    }
    const read = readJson(text, manifestSchema);
    if (read === null) continue;
    const asked = { ...read.dependencies, ...read.devDependencies };
    const names = Object.keys(asked).toSorted(compareText);
    if (names.length === 0) continue;
    const said = names.map((name) => {
      const version = pinned.get(name);
      const test = read.dependencies?.[name] === undefined ? ' (development)' : '';
      return ` ${name} ${version ?? asked[name] ?? ''}${version === undefined ? ' as asked for' : ''}${test}`;
    });
    parts.push(`${path}:`, ...said);
  }
  return parts.length === 0 ? null : parts.join('\n');
}

function readPinned(lockfile: string | null): ReadonlyMap<string, string> {
  const read = lockfile === null ? null : readJson(lockfile, lockSchema);
  return new Map(
    Object.entries(read?.packages ?? {}).flatMap(([place, { version }]) =>
      version === undefined ? [] : [[place.replace(/^node_modules\//, ''), version] as const],
    ),
  );
}

function readJson<T>(text: string, shape: z.ZodType<T>): T | null {
  try {
    const read = shape.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
