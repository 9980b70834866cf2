import type { CallResult, Conversations, KeptTurn } from '../../ports/conversations.ts';
import { rowsShown } from '../tools/outputs/show-evidence.ts';
import type { ToolCall, ToolDesk } from './tool-desk.ts';
import { toModel } from './words.ts';

const mostCalls = 16;

/**
 * The turn with a result for each of its calls, in their order. What is kept already is not run again; what is run is kept
 * before the next one begins.
 */
export async function answerCalls(
  parts: {
    readonly conversations: Conversations;
    readonly conversationId: string;
    /** Before the steps of this conversation: an agent that looks again keeps the steps of the look before. */
    readonly stepScope: string;
    readonly desk: ToolDesk;
    readonly elapsedMs: () => number;
  },
  turn: KeptTurn,
): Promise<KeptTurn> {
  const { conversations, conversationId, desk } = parts;
  const results: CallResult[] = [];
  // One after the other: rows get their numbers in the order in which the model asked.
  for (const [index, call] of callsOf(turn).entries()) {
    const known = turn.results.find((one) => one.callId === call.id);
    if (known !== undefined) {
      results.push(known);
      continue;
    }
    const result =
      index < mostCalls
        ? await desk.answer(call, `tool:${parts.stepScope}${turn.number}.${index + 1}`)
        : { callId: call.id, text: toModel.notRun, failed: true, malformed: false };
    results.push(await conversations.keepResult(conversationId, turn.number, result));
    await conversations.noteTime(conversationId, turn.number, parts.elapsedMs());
  }
  return { ...turn, results };
}

export function callsOf(turn: KeptTurn): ToolCall[] {
  if (turn.reply?.stop !== 'tool-calls') return [];
  return turn.reply.blocks.filter((block) => block.type === 'tool-call');
}

/** Numbers of the rows that its calls made, whichever worker ran them. */
export function looksIn(turns: readonly KeptTurn[]): Set<number> {
  const results = turns.flatMap((turn) => turn.results).filter((one) => !one.failed);
  return new Set(results.flatMap((one) => rowsShown(one.text)));
}
