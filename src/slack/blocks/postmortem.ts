import type { PostmortemView } from '../../domain/room.ts';
import { footnote, header, inline, showHidden } from './mrkdwn.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';

const shownMax = 9000;

/** The draft, readable in place; the whole of it is a file in the thread, ready to be taken elsewhere. */
export function renderPostmortem(view: PostmortemView, context: RenderContext): Rendered {
  const lines = showHidden(view.markdown).split('\n');
  const shown: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += line.length + 1;
    if (used > shownMax) break;
    shown.push(line);
  }
  const missing = lines.length - shown.length;
  const text = escapeMarkdown(shown.join('\n')).trim();
  return assemble(
    `📝 Postmortem draft: ${inline(view.title)}`,
    [
      header(`📝 Postmortem draft: ${view.title}`),
      { type: 'markdown', text: text === '' ? '(empty draft)' : text },
    ],
    {
      keep: [
        footnote(
          missing > 0 ? `… ${missing} more lines in the attached file` : '',
          'A draft from the timeline: edit before you share it',
        ),
      ],
      files: [
        {
          name: `postmortem-${context.incidentId}.md`,
          content: view.markdown,
          comment: `Postmortem draft of incident ${context.incidentId} as a file.`,
        },
      ],
    },
  );
}

/** Mentions and raw tags begin with `<`; quoted lines keep their `>`, and what the draft itself escaped stays escaped once. */
function escapeMarkdown(text: string): string {
  return text.replace(/&(?!(?:amp|lt|gt);)/g, '&amp;').replaceAll('<', '&lt;');
}
