import { z } from 'zod';
import { defineTool, fitLines, nothing } from '../tool.ts';
import { keptOutput } from './kept-output.ts';

export const readOutputTool = defineTool({
  name: 'read_output',
  description:
    'More of what an earlier tool call saw: a range of lines of its whole output, where the answer was cut. Name its evidence number.',
  input: z.object({
    evidence: z.number().int().min(1).describe('Number of the evidence row.'),
    fromLine: z.number().int().min(1).default(1),
    lines: z.number().int().min(1).max(400).default(200),
  }),
  async run(context, { evidence, fromLine, lines: wanted }) {
    const { row, lines } = await keptOutput(context, evidence);
    const title = `Output of evidence ${evidence} from line ${fromLine}`;
    const query = `read_output evidence ${evidence} from ${fromLine}`;
    const shown = fitLines(lines.slice(fromLine - 1, fromLine - 1 + wanted));
    if (shown.length === 0)
      return [
        nothing(row.kind, row.service, title, `It has ${lines.length} lines; name an earlier one.`, query),
      ];
    const last = fromLine + shown.length - 1;
    return [
      {
        kind: row.kind,
        service: row.service,
        title,
        summary: `Lines ${fromLine}–${last} of ${lines.length}${last < lines.length ? `; go on from line ${last + 1}` : ''}.`,
        query,
        data: { of: row.title, text: shown.join('\n') },
        // A look again at what was seen supports no more than the first look did.
        empty: row.empty,
      },
    ];
  },
});
