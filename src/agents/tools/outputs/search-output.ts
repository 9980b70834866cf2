import { z } from 'zod';
import { searchLines } from '../../../platform/search-lines.ts';
import { clip, defineTool, nothing } from '../tool.ts';
import { keptOutput } from './kept-output.ts';

const mostHits = 60;

export const searchOutputTool = defineTool({
  name: 'search_output',
  description:
    'Lines of the whole output of an earlier tool call that match a regular expression, with their line numbers. Use it where an answer was cut, then read_output around a hit.',
  input: z.object({
    evidence: z.number().int().min(1).describe('Number of the evidence row.'),
    pattern: z.string().min(1).max(200).describe('A regular expression; a plain text is one, too.'),
    ignoreCase: z.boolean().default(true),
  }),
  async run(context, { evidence, pattern, ignoreCase }) {
    const { row, lines } = await keptOutput(context, evidence);
    const found = searchLines(lines, { pattern, ignoreCase, most: mostHits });
    if ('problem' in found) throw new RangeError(`The pattern ${found.problem}.`);
    const title = `Output of evidence ${evidence} with /${pattern}/`;
    const query = `search_output evidence ${evidence} /${pattern}/`;
    const [first] = found.found;
    if (first === undefined)
      return [nothing(row.kind, row.service, title, `None of its ${lines.length} lines matches.`, query)];
    return [
      {
        kind: row.kind,
        service: row.service,
        title,
        summary: `${found.total} of ${lines.length} lines match, the first is line ${first.line}.`,
        query,
        data: { of: row.title, hits: found.found.map(({ line, text }) => `${line}: ${clip(text, 300)}`) },
        empty: row.empty,
      },
    ];
  },
});
