import { sayHit, sayNoneAlike } from '../../analysis/similarity/say-past.ts';
import type { Whisper } from '../answers.ts';
import { bold, code, footnote, inline, section } from '../blocks/mrkdwn.ts';
import { assemble } from '../blocks/rendered.ts';
import type { Asked, CommandOptions } from './asked.ts';

/** Past incidents like some words, like an incident by its id, or like the one of this channel. */
export async function tellSimilar(options: CommandOptions, asked: Asked, said: string): Promise<Whisper> {
  const incident = await options.record.incidents.byChannel(asked.channel);
  const found = await options.actions.similar({ text: said, incidentId: incident?.id ?? null });
  if (found === null)
    return {
      text: `Like what? ${code('/warroom similar jwt expired')}, or the command alone in an incident’s channel.`,
    };
  const shown = found.hits.filter((hit) => hit.likeness !== 'weak');
  if (shown.length === 0) return { text: sayNoneAlike(found.compared) };
  return assemble(`Past incidents like ${inline(found.about)}`, [
    section(`*Past incidents like* ${inline(found.about)}`),
    ...shown.map((hit) => {
      const { heading, lines } = sayHit(hit);
      return section(bold(heading), ...lines.map(inline));
    }),
    footnote(`Of ${found.compared} past incidents; what happened then is no proof of what happens now`),
  ]);
}
