import { type Whisper, whisper } from '../answers.ts';
import { renderFixHelp } from '../blocks/command-cards.ts';
import { answerText } from '../interactions/desk.ts';
import type { Asked, CommandOptions } from './asked.ts';
import { parseFix } from './fix-words.ts';

/** A person's own plan. It is looked at, tried out and hashed as any other before there is a card. */
export async function proposeFix(
  options: CommandOptions,
  asked: Asked,
  text: string,
): Promise<Whisper | null> {
  const services = options.catalogue.services.map((service) => service.name);
  if (text === '' || text === 'help') return renderFixHelp();
  const fix = parseFix(text, services);
  if (!fix.clear) return renderFixHelp(fix.complaint);
  const incident = await options.record.incidents.byChannel(asked.channel);
  if (incident === undefined) {
    return {
      text: 'This is not an incident’s channel. Type `/warroom fix` in the channel of the incident that it is for.',
    };
  }
  // Trying it on a copy takes up to two minutes: silence until then would look like failure.
  const checking =
    '🔍 Looking at what this would change. The card follows in this channel; somebody else must approve it.';
  await whisper(asked, { text: checking }, options.log);
  const answer = await options.actions.propose({
    incidentId: incident.id,
    userId: asked.userId,
    remedies: fix.remedies,
  });
  const said = answerText(answer);
  return said === null ? null : { text: said };
}
