import { z } from 'zod';
import { defineTool, fitLines, nothing } from '../tool.ts';
import { maskFile } from './mask-source.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

const fileBytes = 2_000_000;

export const readFileTool = defineTool({
  name: 'read_file',
  description:
    'A file of a service at a commit (its current head by default), with line numbers, by ranges of lines.',
  input: z.object({
    ...sourcePlace,
    path: repositoryPath.min(1),
    fromLine: z.number().int().min(1).default(1),
    lines: z.number().int().min(1).max(400).default(200),
  }),
  async run(context, { path: asked, fromLine, lines, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const path = plainPath(asked);
    const text = await source.read(service, at, path, fileBytes, signal);
    const query = `git show ${at.slice(0, 10)}:${path}`;
    const title = `File ${path}`;
    if (text === undefined)
      return [
        nothing(
          'change',
          service.name,
          path,
          'There is no such file; list_files shows the folder, search_source finds a text.',
          query,
        ),
      ];
    if (text.includes('\0')) return [nothing('change', service.name, path, 'It is no text.', query)];
    const all = maskFile(text, path).split('\n');
    const shown = fitLines(
      all.slice(fromLine - 1, fromLine - 1 + lines).map((line, index) => `${fromLine + index}: ${line}`),
    );
    if (shown.length === 0)
      return [
        nothing('change', service.name, title, `It has ${all.length} lines; name an earlier one.`, query),
      ];
    const last = fromLine + shown.length - 1;
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `Lines ${fromLine}–${last} of ${all.length} at ${at.slice(0, 10)}${last < all.length ? `; go on from line ${last + 1}` : ''}.`,
        query,
        data: { path, text: shown.join('\n') },
        empty: false,
      },
    ];
  },
});
