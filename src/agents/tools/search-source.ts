import { z } from 'zod';
import { defineTool, nothing, serviceOf } from './tool.ts';

export const searchSourceTool = defineTool({
  name: 'search_source',
  description:
    'Lines of a service’s source at its current head that contain a text (fixed string, exact case).',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    text: z.string().min(2).max(200),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const { head } = await source.fetch(service, signal);
    const hits = await source.search(service, { at: head, text: input.text, limit: 60 }, signal);
    const query = `git grep -F ${JSON.stringify(input.text)} ${head.slice(0, 10)}`;
    const title = `Source with "${input.text}"`;
    const [first] = hits;
    if (first === undefined) return [nothing('change', service.name, title, 'No line has it.', query)];
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${hits.length} lines, the first in ${first.path}:${first.line}.`,
        query,
        data: { hits: hits.map((hit) => ({ path: hit.path, line: hit.line, text: hit.text.slice(0, 300) })) },
        empty: false,
      },
    ];
  },
});
