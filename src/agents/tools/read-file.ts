import { z } from 'zod';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const fileBytes = 40_000;

export const readFileTool = defineTool({
  name: 'read_file',
  description: 'A file of a service at its current head, with line numbers.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    path: z.string().min(1).max(400),
    fromLine: z.number().int().min(1).default(1),
    lines: z.number().int().min(1).max(400).default(200),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const { head } = await source.fetch(service, signal);
    const text = await source.read(service, head, input.path, fileBytes, signal);
    const query = `git show ${head.slice(0, 10)}:${input.path}`;
    if (text === undefined)
      return [nothing('change', service.name, input.path, 'There is no such file.', query)];
    const all = text.split('\n');
    const shown = all
      .slice(input.fromLine - 1, input.fromLine - 1 + input.lines)
      .map((line, index) => `${input.fromLine + index}: ${line}`);
    return [
      {
        kind: 'change',
        service: service.name,
        title: `File ${input.path}`,
        summary: `Lines ${input.fromLine}–${input.fromLine + shown.length - 1} of ${all.length} at ${head.slice(0, 10)}.`,
        query,
        data: { path: input.path, text: clip(shown.join('\n'), 24_000) },
        empty: shown.length === 0,
      },
    ];
  },
});
