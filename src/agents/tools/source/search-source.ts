import { z } from 'zod';
import { defineTool, nothing } from '../tool.ts';
import { maskFile } from './mask-source.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

const shownHits = 60;
const mostHits = 2_000;

export const searchSourceTool = defineTool({
  name: 'search_source',
  description:
    'Lines of a service’s source at a commit that contain a fixed text, or match a regular expression (Perl’s), in all of it or in one folder or file. For a function or class use find_symbol.',
  input: z.object({
    ...sourcePlace,
    text: z.string().min(2).max(200).describe('A fixed text, or an expression where `is` says so.'),
    is: z.enum(['text', 'expression']).default('text'),
    ignoreCase: z.boolean().default(false),
    under: repositoryPath.default('').describe('A folder or file; empty for all.'),
  }),
  async run(context, { text, is, ignoreCase, under, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const folder = plainPath(under);
    const asked = { at, text, is, ignoreCase, under: folder, limit: mostHits };
    const found = await source.search(service, asked, signal);
    const hits = found.map((hit) => ({ ...hit, text: maskFile(hit.text, hit.path) }));
    const flags = `${is === 'text' ? '-F' : '-P'}${ignoreCase ? ' -i' : ''}`;
    const query = `git grep ${flags} ${JSON.stringify(text)} ${at.slice(0, 10)} ${folder}`.trim();
    const title = is === 'text' ? `Source with "${text}"` : `Source with /${text}/`;
    const [first] = hits;
    if (first === undefined) return [nothing('change', service.name, title, 'No line has it.', query)];
    const isCut = hits.length > shownHits;
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${hits.length === mostHits ? 'At least ' : ''}${hits.length} lines in ${new Set(hits.map((hit) => hit.path)).size} files, the first in ${first.path}:${first.line}.`,
        query,
        data: {
          hits: hits
            .slice(0, shownHits)
            .map((hit) => ({ path: hit.path, line: hit.line, text: hit.text.slice(0, 300) })),
        },
        empty: false,
        ...(isCut ? { output: hits.map((hit) => `${hit.path}:${hit.line}: ${hit.text}`).join('\n') } : {}),
      },
    ];
  },
});
