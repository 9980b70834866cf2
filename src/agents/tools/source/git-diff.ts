import { z } from 'zod';
import { clip, defineTool, nothing } from '../tool.ts';
import { maskFiles } from './mask-source.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

const shownBytes = 24_000;
const keptBytes = 1_000_000;

export const gitDiffTool = defineTool({
  name: 'git_diff',
  description:
    'What is different between two commits of a service, of all files or of one file or folder. For one commit use show_commit, for what went live use compare_deploys.',
  input: z.object({
    ...sourcePlace,
    from: z
      .string()
      .regex(/^[0-9a-f]{7,40}$/)
      .describe('The earlier commit; `at` is the later one.'),
    path: repositoryPath.optional(),
  }),
  async run(context, { from, path: asked, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const path = asked === undefined || plainPath(asked) === '' ? undefined : plainPath(asked);
    const where = path === undefined ? {} : { path };
    const { files, diff: bare } = await source.compare(
      service,
      { from, to: at, ...where, maxBytes: keptBytes },
      signal,
    );
    const diff = maskFiles(bare);
    const query = `git diff ${from.slice(0, 10)} ${at.slice(0, 10)}${path === undefined ? '' : ` -- ${path}`}`;
    const title = `Difference from ${from.slice(0, 10)} to ${at.slice(0, 10)}`;
    if (files.length === 0) return [nothing('change', service.name, title, 'Nothing is different.', query)];
    const lines = files.reduce((sum, file) => sum + file.added + file.removed, 0);
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${files.length} files with ${lines} changed lines: ${files
          .slice(0, 5)
          .map((file) => file.path)
          .join(', ')}${files.length > 5 ? ' …' : ''}.`,
        query,
        data: {
          files: files.slice(0, 100).map((file) => `${file.path} +${file.added} −${file.removed}`),
          diff: clip(diff, shownBytes),
        },
        empty: false,
        ...(diff.length > shownBytes ? { output: diff } : {}),
      },
    ];
  },
});
