import type { NoticeView } from '../../domain/room.ts';
import { section, withPeople } from './mrkdwn.ts';
import { assemble, type Rendered } from './rendered.ts';

const mark: Record<NoticeView['tone'], string> = { info: 'ℹ️', good: '✅', warning: '⚠️', bad: '❌' };

/** One sentence in the channel or a thread. */
export function renderNotice(view: NoticeView): Rendered {
  const text = `${mark[view.tone]} ${withPeople(view.text)}`;
  return assemble(text, [section(text)]);
}
