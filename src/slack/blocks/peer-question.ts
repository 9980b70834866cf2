import type { PeerLine, PeerQuestionView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { citations } from './evidence-links.ts';
import { bold, footnote, inline, section, shorten } from './mrkdwn.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';

type Verdict = NonNullable<PeerLine['answer']>['verdict'];

const verdictWord: Record<Verdict, string> = {
  mine: 'Yes, it begins here.',
  'not-mine': 'No, not here.',
  'passed-on': 'No, it comes from further on.',
  unclear: 'Cannot say.',
};

const lineMax = 260;

/** A question in the asker's thread, and below it the answer with what it rests on. */
export function renderPeerQuestion(view: PeerQuestionView, links: Links, context: RenderContext): Rendered {
  const { answer } = view;
  const said = answer === null ? '' : ` ${verdictWord[answer.verdict]} ${inline(answer.text)}`;
  const rests = (answer ?? view).evidence.map((ref) => ref.number);
  return assemble(`💬 ${inline(view.from)} asked ${inline(view.to)}.${said}`, [
    section(`💬 Asked ${bold(view.to)}`, `“${inline(view.text)}”`),
    section(
      answer === null
        ? `_${inline(view.to)} has not answered yet._`
        : `↳ ${bold(verdictWord[answer.verdict])} ${inline(answer.text)}`,
    ),
    ...(rests.length > 0 ? [footnote(citations(rests, context.incidentId, links))] : []),
  ]);
}

/** The same in two lines for an agent's card; what its own verdict says already is not said again. */
export function peerLines(lines: readonly PeerLine[], verdict: string | null): string[] {
  return lines.flatMap(({ peer, asked, text, answer }) => [
    `💬 ${asked === 'it' ? `Asked ${bold(peer)}` : `${bold(peer)} asked`}: “${shorten(inline(text), lineMax)}”`,
    answer === null
      ? '↳ _open_'
      : `↳ ${bold(verdictWord[answer.verdict])} ${answer.text === verdict ? '' : shorten(inline(answer.text), lineMax)}`.trim(),
  ]);
}
