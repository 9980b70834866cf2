import type { KnownBlock } from '@slack/types';
import { footnote } from './mrkdwn.ts';

/** A view as Slack takes it. */
export interface Rendered {
  /** What notifications and screen readers say; already escaped. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  /** Belong into the message's thread. A plan whose diff is in a file has no buttons until `attached` is true. */
  readonly files: readonly RoomFile[];
  /** False for a plan of which the card shows only that it cannot be shown. */
  readonly shown: boolean;
}

export interface RoomFile {
  readonly name: string;
  readonly content: string;
  /** First words of the message that carries it; unique in the thread, so that it is uploaded once. */
  readonly comment: string;
}

export interface RenderContext {
  readonly incidentId: string;
  /** Every file of this view is in the thread already. */
  readonly attached: boolean;
}

/** Slack refuses near 13,000 characters and above 50 blocks; we stay clear of both. */
const totalMax = 11_500;
const blocksMax = 50;

/**
 * Blocks in order of importance, least last: what does not fit is left out from the end and counted. `keep` blocks at the
 * end (buttons, footnotes) always stay.
 */
export function assemble(
  text: string,
  blocks: readonly KnownBlock[],
  options: {
    keep?: readonly KnownBlock[];
    more?: string;
    files?: readonly RoomFile[];
    shown?: boolean;
  } = {},
): Rendered {
  const keep = options.keep ?? [];
  let room = totalMax - sizeOf(keep) - 200;
  const shown: KnownBlock[] = [];
  for (const block of blocks) {
    room -= sizeOf([block]);
    if (room < 0 || shown.length + keep.length + 1 >= blocksMax) break;
    shown.push(block);
  }
  const missing = blocks.length - shown.length;
  if (missing > 0) {
    shown.push(
      footnote(`_… ${missing} more ${missing === 1 ? 'part' : 'parts'} not shown here_`, options.more ?? ''),
    );
  }
  return { text, blocks: [...shown, ...keep], files: options.files ?? [], shown: options.shown ?? true };
}

/** Characters that count against Slack's limit: every string a reader or a parser gets. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => (key === 'type' || key === 'style' || key === 'value' ? sum : sum + sizeOf(item)),
    0,
  );
}
