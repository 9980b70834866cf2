import type { NoticeView } from '../../domain/room.ts';
import { inline, section } from './mrkdwn.ts';
import { assemble, type Rendered } from './rendered.ts';

const mark: Record<NoticeView['tone'], string> = { info: 'ℹ️', good: '✅', warning: '⚠️', bad: '❌' };

/** One sentence in the channel or a thread. */
export function renderNotice(view: NoticeView): Rendered {
  const text = `${mark[view.tone]} ${inline(view.text)}`;
  return assemble(text, [section(text)]);
}
