import { z } from 'zod';
import { defineTool, nothing } from '../tool.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

const mostEntries = 300;

export const listFilesTool = defineTool({
  name: 'list_files',
  description:
    'Files and folders of a service’s source at a commit, with sizes; folders below the depth are counted. Begin at the root, then go into what matters.',
  input: z.object({
    ...sourcePlace,
    folder: repositoryPath.default('').describe('Empty for the root.'),
    depth: z.number().int().min(1).max(6).default(2),
  }),
  async run(context, { folder: asked, depth, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const folder = plainPath(asked);
    const files = await source.tree(service, { at, folder }, signal);
    const query = `git ls-tree -r ${at.slice(0, 10)} ${folder}`.trim();
    const title = `Files of ${folder === '' ? service.name : folder}`;
    if (files.length === 0)
      return [
        nothing(
          'change',
          service.name,
          title,
          'There is no such folder; list_files with an empty folder shows the root.',
          query,
        ),
      ];
    const entries = foldBelow(files, folder, depth);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${files.length} files with ${sayBytes(bytes)} at ${at.slice(0, 10)}${entries.length > mostEntries ? `; the first ${mostEntries} entries are shown` : ''}.`,
        query,
        data: { entries: entries.slice(0, mostEntries) },
        empty: false,
        ...(entries.length > mostEntries || entries.length < files.length
          ? { output: files.map((file) => `${file.path} ${file.bytes}`).join('\n') }
          : {}),
      },
    ];
  },
});

/** A line a file down to the depth; deeper ones are counted in their folder. */
function foldBelow(
  files: readonly { path: string; bytes: number }[],
  folder: string,
  depth: number,
): string[] {
  const base = folder === '' ? 0 : folder.split('/').length;
  const folded = new Map<string, { files: number; bytes: number } | null>();
  for (const { path, bytes } of files) {
    const parts = path.split('/');
    if (parts.length - base <= depth) {
      folded.set(`${path} ${bytes}`, null);
      continue;
    }
    const name = `${parts.slice(0, base + depth).join('/')}/`;
    const known = folded.get(name) ?? { files: 0, bytes: 0 };
    folded.set(name, { files: known.files + 1, bytes: known.bytes + bytes });
  }
  return [...folded].map(([name, sum]) =>
    sum === null ? name : `${name} ${sum.files} files, ${sayBytes(sum.bytes)}`,
  );
}

function sayBytes(bytes: number): string {
  return bytes < 10_000
    ? `${bytes} B`
    : bytes < 10_000_000
      ? `${Math.round(bytes / 1000)} kB`
      : `${Math.round(bytes / 1e6)} MB`;
}
