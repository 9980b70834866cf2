import { findService } from '../../domain/service.ts';
import type { Whisper } from '../answers.ts';
import { code, footnote, inline, section } from '../blocks/mrkdwn.ts';
import { assemble } from '../blocks/rendered.ts';
import type { Asked, CommandOptions } from './asked.ts';
import { nearest } from './nearest.ts';

/** Slack shows so many characters of one section; lines are kept whole. */
const sectionCharacters = 2_400;

/** What the agent of a service has in front of it; without a name, of the services of this channel's incident. */
export async function tellContext(options: CommandOptions, asked: Asked, said: string): Promise<Whisper> {
  const { catalogue, record, actions } = options;
  const incident = await record.incidents.byChannel(asked.channel);
  const name = said === '' ? incident?.services[0] : said.toLowerCase();
  const names = catalogue.services.map((service) => service.name);
  if (name === undefined) return { text: `Of which service? ${inline(names.join(', '))}` };
  if (findService(catalogue, name) === undefined) {
    const meant = nearest(name, names);
    const hint = meant === null ? '' : ` Did you mean ${code(`/warroom context ${meant}`)}?`;
    return { text: `The catalogue has no service “${inline(name)}”.${hint}` };
  }
  const lines = await actions.context({ service: name, incidentId: incident?.id ?? null });
  const [first = '', ...rest] = lines;
  return assemble(`Context of ${name}`, [
    section(`*${inline(first)}*`),
    ...chunk(rest.map((line) => `${line.startsWith('  ') ? '  ' : '\n'}${inline(line.trim())}`)).map((text) =>
      section(text),
    ),
    footnote('Sizes of single units are estimates; what was left out is a tool call away'),
  ]);
}

function chunk(lines: readonly string[]): string[] {
  const chunks: string[] = [];
  for (const line of lines) {
    const last = chunks.at(-1);
    if (last === undefined || last.length + line.length > sectionCharacters) chunks.push(line);
    else chunks[chunks.length - 1] = `${last}\n${line}`;
  }
  return chunks;
}
