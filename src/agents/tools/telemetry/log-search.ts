import { z } from 'zod';
import { searchLines } from '../../../platform/search-lines.ts';
import type { LogLine } from '../../../ports/log-source.ts';
import { clip, defineTool, nothing, serviceOf, type ToolContext } from '../tool.ts';

const linesRead = 5_000;
const lineChars = 1_000;
const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
const longestMs = 24 * 3_600_000;

const time = z.iso.datetime({ offset: true });

const input = z.object({
  service: z.string().optional().describe('Defaults to your own service.'),
  text: z.string().max(200).default('').describe('A fixed text in any case; empty for any line.'),
  pattern: z.string().max(200).optional().describe('A regular expression in place of the text.'),
  level: z.enum(levels).optional().describe('This one and worse; lines that name none are left out.'),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{16,32}$/)
    .optional()
    .describe('Lines of one request.'),
  window: z.enum(['incident', 'baseline']).default('incident'),
  from: time.optional().describe('ISO time, in place of the window; at most a day.'),
  to: time.optional().describe('ISO time; now where it is left out.'),
  limit: z.number().int().min(1).max(60).default(20),
});

export const logSearchTool = defineTool({
  name: 'log_search',
  description:
    'Log lines of a service that contain a text or match a regular expression (message, fields and trace id are searched), of a level, a time or one request; the newest matching ones, oldest first. All matches stay searchable with search_output.',
  input,
  async run(context, asked, signal) {
    const service = serviceOf(context, asked.service).name;
    const { from, to } = await timesOf(context, asked);
    const read = await context.desk.sources.logs.lines({ service, from, to, limit: linesRead }, signal);
    const lines = read.lines.filter(
      (line) =>
        (asked.traceId === undefined ||
          line.traceId === asked.traceId ||
          textOf(line).includes(asked.traceId)) &&
        (asked.level === undefined || atLeast(line.level, asked.level)),
    );
    const hits = matching(lines, asked);
    const wanted = asked.pattern === undefined ? `"${asked.text}"` : `/${asked.pattern}/`;
    const more = [asked.level === undefined ? [] : `level ${asked.level}`, asked.traceId ?? []]
      .flat()
      .join(', ');
    const query = `lines of ${service} with ${wanted}${more === '' ? '' : ` (${more})`} from ${from.toISOString()} to ${to.toISOString()}`;
    const title = `Log lines with ${wanted}`;
    const searched = `${read.lines.length} lines${read.truncated ? ` (the newest ${linesRead}: ask for a shorter time)` : ''}`;
    if (hits.length === 0) return [nothing('log', service, title, `None of ${searched} has it.`, query)];
    return [
      {
        kind: 'log',
        service,
        title,
        summary: `${hits.length} of ${searched} have it, the first at ${hits[0]?.at.toISOString() ?? ''}.`,
        query,
        data: {
          lines: hits.slice(-asked.limit).map((line) => ({
            at: line.at.toISOString(),
            level: line.level,
            text: clip(textOf(line), lineChars),
          })),
          templates: [],
        },
        empty: false,
        ...(hits.length > asked.limit
          ? {
              output: hits
                .map((line) => `${line.at.toISOString()} ${line.level} ${oneLine(textOf(line))}`)
                .join('\n'),
            }
          : {}),
      },
    ];
  },
});

async function timesOf(
  context: ToolContext,
  asked: z.infer<typeof input>,
): Promise<{ from: Date; to: Date }> {
  const window = await context.desk.window();
  if (asked.from === undefined)
    return asked.window === 'incident'
      ? { from: window.onset, to: window.to }
      : { from: window.baselineFrom, to: window.onset };
  const [from, to] = [new Date(asked.from), asked.to === undefined ? window.to : new Date(asked.to)];
  if (from >= to || to.getTime() - from.getTime() > longestMs)
    throw new RangeError(
      `From ${from.toISOString()} to ${to.toISOString()} is no time of at most 24 hours. The onset was at ${window.onset.toISOString()}.`,
    );
  return { from, to };
}

function matching(lines: readonly LogLine[], { pattern, text }: z.infer<typeof input>): LogLine[] {
  if (pattern === undefined) {
    const wanted = text.toLowerCase();
    return lines.filter((line) => textOf(line).toLowerCase().includes(wanted));
  }
  const found = searchLines(lines.map(textOf), { pattern, ignoreCase: true, most: linesRead });
  if ('problem' in found) throw new RangeError(`The pattern ${found.problem}.`);
  return found.found.flatMap((hit) => lines[hit.line - 1] ?? []);
}

function textOf(line: LogLine): string {
  return `${line.message} ${JSON.stringify(line.fields)} ${line.traceId ?? ''}`;
}

function oneLine(text: string): string {
  return clip(text.replaceAll(/\s*\n\s*/g, ' ⏎ '), lineChars);
}

function atLeast(level: LogLine['level'], least: (typeof levels)[number]): boolean {
  return level !== 'unknown' && levels.indexOf(level) >= levels.indexOf(least);
}
