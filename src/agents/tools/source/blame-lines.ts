import { z } from 'zod';
import { clip, defineTool, nothing } from '../tool.ts';
import { maskFile } from './mask-source.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

export const blameLinesTool = defineTool({
  name: 'blame_lines',
  description:
    'Who last changed each of some lines of a file, in which commit and when. Use it on the line that a stack trace names, then show_commit.',
  input: z.object({
    ...sourcePlace,
    path: repositoryPath.min(1),
    fromLine: z.number().int().min(1),
    lines: z.number().int().min(1).max(120).default(20),
  }),
  async run(context, { path: asked, fromLine, lines, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const path = plainPath(asked);
    const blamed = await source.blame(service, { at, path, fromLine, lines }, signal);
    const query = `git blame -L ${fromLine},+${lines} ${at.slice(0, 10)} -- ${path}`;
    const title = `Who last changed ${path}:${fromLine}–${fromLine + lines - 1}`;
    const newest = blamed?.toSorted((a, b) => b.committedAt.getTime() - a.committedAt.getTime())[0];
    if (blamed === undefined || newest === undefined)
      return [
        nothing(
          'change',
          service.name,
          title,
          blamed === undefined ? 'There is no such file at that commit.' : 'The file has no such lines.',
          query,
        ),
      ];
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `The youngest of them is ${path}:${newest.fromLine}, from ${newest.sha.slice(0, 10)} "${newest.subject}" by ${newest.author} at ${newest.committedAt.toISOString()}.`,
        query,
        data: {
          blamed: blamed.map((part) => ({
            sha: part.sha,
            subject: part.subject,
            author: part.author,
            at: part.committedAt.toISOString(),
            lines: part.lines.map(
              (line, index) => `${part.fromLine + index}: ${clip(maskFile(line, path), 300)}`,
            ),
          })),
        },
        empty: false,
      },
    ];
  },
});
