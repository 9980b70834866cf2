import { z } from 'zod';
import type { Json } from '../../platform/canonical-json.ts';
import { UnknownVersion } from '../../platform/errors.ts';
import type { Block } from '../../ports/language-model.ts';
import type { Report } from '../investigator.ts';

/** What a conversation began with. Kept, so that whoever goes on with it sends the same bytes. */
export interface Opening {
  /** L1; what is kept for every agent of the service. Empty when it could not be loaded. */
  readonly core: string;
  /** L2 and L3. */
  readonly surroundings: string;
  readonly task: string;
  /** L4 as it was then. */
  readonly runtime: string;
  /** Tokens of the layers. */
  readonly loadedTokens: number;
  /** What the evidence engine found before; looked for once. */
  readonly briefing: Report;
}

const stored = z.looseObject({
  version: z.literal(1),
  core: z.string(),
  surroundings: z.string(),
  task: z.string(),
  runtime: z.string(),
  loadedTokens: z.number(),
  briefing: z.looseObject({ claims: z.array(z.unknown()) }),
});

export function writeOpening(opening: Opening): Json {
  return { version: 1, ...opening } as unknown as Json;
}

/** @throws UnknownVersion */
export function readOpening(value: Json): Opening {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new UnknownVersion(
      'A conversation was begun by another version of Warroom.',
      'It begins anew with the next look at the service.',
    );
  return parsed.data as unknown as Opening;
}

const removed = '(Taken out to make room. The tools show it.)';

/** What is the same for every agent of the service first, what changes most last. */
export function openingBlocks(opening: Opening, shed: number): Block[] {
  const { core, surroundings, task, runtime } = opening;
  const blocks: Block[] = [
    { type: 'text', text: core, kept: true },
    { type: 'text', text: shed === 0 || surroundings === '' ? surroundings : `L2 and L3. ${removed}` },
    { type: 'text', text: task },
    { type: 'text', text: shed === 0 || runtime === '' ? runtime : `L4. ${removed}` },
  ];
  return blocks.filter((block) => block.type !== 'text' || block.text !== '');
}
