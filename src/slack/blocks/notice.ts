import type { NoticeView } from '../../domain/room.ts';
import { inline, mention, section } from './mrkdwn.ts';
import { assemble, type Rendered } from './rendered.ts';

const mark: Record<NoticeView['tone'], string> = { info: 'ℹ️', good: '✅', warning: '⚠️', bad: '❌' };

/** One sentence in the channel or a thread, with who did it. */
export function renderNotice(view: NoticeView): Rendered {
  const by = view.by === undefined ? '' : ` — ${mention(view.by)}`;
  const text = `${mark[view.tone]} ${inline(view.text)}${by}`;
  return assemble(text, [section(text)]);
}
