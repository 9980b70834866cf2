import type { Whisper } from '../answers.ts';
import { bold } from '../blocks/mrkdwn.ts';
import type { Asked, CommandOptions } from './asked.ts';

export async function resolveHere(options: CommandOptions, asked: Asked, note: string): Promise<Whisper> {
  const incident = await options.record.incidents.byChannel(asked.channel);
  if (incident === undefined) {
    return {
      text: 'This is not an incident’s channel. Type `/warroom resolve` in the channel of the incident.',
    };
  }
  const result = await options.actions.resolve({ incidentId: incident.id, userId: asked.userId, note });
  if (result === 'already-resolved') return { text: `${bold(incident.title)} was resolved already.` };
  return { text: `✅ ${bold(incident.title)} is resolved. The timeline says that it was you.` };
}
