import type { KeptTurn } from '../../ports/conversations.ts';
import type { Block, Message } from '../../ports/language-model.ts';
import { estimateTokens } from '../context/estimate-tokens.ts';
import { type Opening, openingBlocks } from './opening.ts';

/** Room is made in this order, by rule: L2, L3 and L4 first, then what old tool results say beyond their summary. */
export const mostShed = 2;
/** Turns whose results stay whole when old ones are shortened. */
const freshTurns = 2;

/** The conversation as the model gets it: rows in, the same bytes out, whoever asks. */
export function toMessages(
  opening: Opening,
  turns: readonly KeptTurn[],
  next: { readonly said: readonly Block[]; readonly shed: number },
  keepsThoughts: boolean,
): Message[] {
  const messages: { role: Message['role']; blocks: Block[] }[] = [
    { role: 'user', blocks: openingBlocks(opening, next.shed) },
  ];
  const tell = (blocks: readonly Block[]): void => {
    const last = messages.at(-1);
    if (last?.role === 'user') last.blocks.push(...blocks);
    else if (blocks.length > 0) messages.push({ role: 'user', blocks: [...blocks] });
  };
  const shortenUntil = next.shed < mostShed ? 0 : turns.length - freshTurns;
  for (const [index, turn] of turns.entries()) {
    tell(turn.said);
    const { reply } = turn;
    // What was cut, declined or never came is no part of it: half a block would make the API refuse the rest.
    if (reply === null || (reply.stop !== 'end' && reply.stop !== 'tool-calls')) continue;
    const blocks = keepsThoughts ? reply.blocks : reply.blocks.filter((block) => block.type !== 'opaque');
    if (blocks.length > 0) messages.push({ role: 'assistant', blocks: [...blocks] });
    tell(
      turn.results.map(({ callId, text, failed }) => ({
        type: 'tool-result',
        callId,
        text: index < shortenUntil ? shortenResult(text) : text,
        failed,
      })),
    );
  }
  tell(next.said);
  return messages;
}

/** What of a request is not in `known` tokens yet, by estimate. */
export function estimateBlocks(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + estimateTokens(textOf(block)), 0);
}

/** Its rows stay, by number and summary; what they rest on is a tool call away. */
function shortenResult(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      try {
        const { data: _data, ...row } = JSON.parse(line) as { data?: unknown };
        return JSON.stringify(row);
      } catch {
        return line.length > 300 ? `${line.slice(0, 300)}… (taken out to make room)` : line;
      }
    })
    .join('\n');
}

function textOf(block: Block): string {
  switch (block.type) {
    case 'text':
    case 'tool-result':
      return block.text;
    case 'tool-call':
      return JSON.stringify(block.input);
    case 'opaque':
      return JSON.stringify(block.value);
    default:
      return block satisfies never;
  }
}
