import { z } from 'zod';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const linesRead = 5_000;

export const logSearchTool = defineTool({
  name: 'log_search',
  description:
    'Log lines of a service that contain a text (fixed string, any case; message and fields are searched), newest last. Give a trace id to see one request.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    text: z.string().max(200).describe('Empty for any line.'),
    window: z.enum(['incident', 'baseline']).default('incident'),
    limit: z.number().int().min(1).max(60).default(20),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service).name;
    const window = await context.desk.window();
    const [from, to] =
      input.window === 'incident' ? [window.onset, window.to] : [window.baselineFrom, window.onset];
    const { lines } = await context.desk.sources.logs.lines({ service, from, to, limit: linesRead }, signal);
    const wanted = input.text.toLowerCase();
    const hits = lines.filter((line) =>
      `${line.message} ${JSON.stringify(line.fields)} ${line.traceId ?? ''}`.toLowerCase().includes(wanted),
    );
    const query = `lines of ${service} with "${input.text}" from ${from.toISOString()} to ${to.toISOString()}`;
    const title = `Log lines with "${input.text}"`;
    if (hits.length === 0)
      return [nothing('log', service, title, `None of ${lines.length} lines has it.`, query)];
    return [
      {
        kind: 'log',
        service,
        title,
        summary: `${hits.length} of ${lines.length} lines have it, the first at ${hits[0]?.at.toISOString() ?? ''}.`,
        query,
        data: {
          lines: hits.slice(-input.limit).map((line) => ({
            at: line.at.toISOString(),
            level: line.level,
            text: clip(`${line.message} ${JSON.stringify(line.fields)} ${line.traceId ?? ''}`, 1000),
          })),
          templates: [],
        },
        empty: false,
      },
    ];
  },
});
