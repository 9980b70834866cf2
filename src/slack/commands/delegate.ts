import type { Whisper } from '../answers.ts';
import { mention } from '../blocks/mrkdwn.ts';
import { answerText } from '../interactions/desk.ts';
import { delegateModal } from '../modals/delegate-modal.ts';
import type { Asked, CommandOptions } from './asked.ts';
import { parseDelegation } from './delegation.ts';

export async function obeyDelegate(
  options: CommandOptions,
  asked: Asked,
  text: string,
): Promise<Whisper | null> {
  const said = parseDelegation(text);
  switch (said.kind) {
    case 'ask':
      await asked.client.views.open({
        trigger_id: asked.triggerId,
        view: delegateModal({ channel: asked.channel }),
      });
      return null;
    case 'off': {
      const answer = await options.actions.revoke(asked.userId);
      return {
        text: answerText(answer) ?? '✅ You alone decide again: nobody decides in your place any more.',
      };
    }
    case 'unclear':
      return { text: `${said.complaint} For example: \`/warroom delegate @name for 2h on a train\`` };
    case 'to':
      return handOver(options, asked, said);
    default:
      return said satisfies never;
  }
}

export async function handOver(
  options: CommandOptions,
  asked: Asked,
  { to, hours, reason }: { to: string; hours: number; reason: string },
): Promise<Whisper> {
  if (to === asked.userId) return { text: '⛔ That is you: choose somebody else.' };
  const answer = await options.actions.delegate({ from: asked.userId, to, hours, reason });
  const done = `✅ For the next ${spell(hours)}, ${mention(to)} may approve what you may approve. You two count as one person where two must approve. \`/warroom delegate off\` takes it back.`;
  return { text: answerText(answer) ?? done };
}

function spell(hours: number): string {
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return `${Number(hours.toFixed(1))} h`;
}
