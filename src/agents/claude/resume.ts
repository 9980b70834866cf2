import type { AgentPolicy } from '../../config/agent-policy.ts';
import type { Conversation, Conversations, KeptTurn } from '../../ports/conversations.ts';
import type { Block } from '../../ports/language-model.ts';
import type { Notebook } from '../investigator.ts';
import { callsOf } from './answer-calls.ts';
import { sayDollars } from './budget.ts';
import type { Opening } from './opening.ts';
import { ConversationTaken } from './stopped.ts';
import { isEdit, type ToolDesk, worksInWorkspace } from './tool-desk.ts';
import { estimateSpending } from './turn-spending.ts';
import { text, toModel, toThread } from './words.ts';

/**
 * Goes on with what another worker has begun. The request that was on its way counts as spent, by estimate; edits of the
 * workspace that went with the worker are made again when it is next used, and the model is told what cannot be.
 */
export async function resume(
  parts: {
    readonly conversation: Conversation;
    readonly conversations: Conversations;
    readonly desk: ToolDesk;
    readonly policy: AgentPolicy;
    readonly notebook: Notebook;
  },
  opening: Opening,
): Promise<{ readonly turns: readonly KeptTurn[]; readonly said: readonly Block[] }> {
  const { conversation, conversations, desk, policy, notebook } = parts;
  const before = conversation.turns.slice(0, -1);
  const last = conversation.turns.at(-1);
  if (last === undefined) return { turns: [], said: [] };
  const calls = conversation.turns.flatMap((turn) => {
    const answered = new Set(turn.results.map((one) => one.callId));
    return callsOf(turn).filter((call) => answered.has(call.id));
  });
  const edits = calls.filter(isEdit);
  desk.rebuild(edits);
  const said = calls.some(worksInWorkspace) ? [text(toModel.resumed(edits.length))] : [];
  if (last.state !== 'asked') return { turns: conversation.turns, said };

  const spent = estimateSpending(opening, before, last, { model: conversation.model, policy });
  if (!(await conversations.giveUp(conversation.id, last.number, spent))) throw new ConversationTaken();
  const dollars = sayDollars({
    dollars: spent.dollars ?? 0,
    unpriced: spent.dollars === null ? 1 : 0,
    turns: 1,
  });
  await notebook.limit(toThread.lost(last.number, spent.inputTokens + spent.outputTokens, dollars));
  return { turns: [...before, { ...last, state: 'given-up', spent, counts: spent.counts }], said };
}
