import type {
  Conversation,
  Conversations,
  InvestigationSpending,
  KeptTurn,
} from '../../ports/conversations.ts';
import { spentOf } from './budget.ts';

/** For a look that belongs to no row: a bench, a test. What is said is gone with the process. */
export function createMemoryConversations(): Conversations {
  const kept = new Map<string, Omit<Conversation, 'turns'> & { turns: KeptTurn[] }>();

  function change(
    id: string,
    number: number,
    of: (turn: KeptTurn) => boolean,
    to: (turn: KeptTurn) => KeptTurn,
  ): boolean {
    const conversation = kept.get(id);
    const index = conversation?.turns.findIndex((turn) => turn.number === number) ?? -1;
    const turn = conversation?.turns[index];
    if (conversation === undefined || turn === undefined || !of(turn)) return false;
    conversation.turns[index] = to(turn);
    return true;
  }
  /** A line a conversation. */
  const spentBy = (incidentId: string): InvestigationSpending[] =>
    [...kept.values()]
      .filter((one) => one.incidentId === incidentId)
      .map(({ investigationId, turns }) => ({
        investigationId,
        ...spentOf(turns, Math.max(0, ...turns.map((turn) => turn.elapsedMs))),
        estimated: turns.filter((turn) => turn.state === 'given-up').length,
      }));
  const isAsked = (turn: KeptTurn): boolean => turn.state === 'asked';

  return {
    get: async (id) => kept.get(id),
    async begin(conversation) {
      const known = kept.get(conversation.id) ?? { ...conversation, turns: [] };
      kept.set(conversation.id, known);
      return known;
    },
    async ask(id, turn, mayAsk) {
      const conversation = kept.get(id);
      if (conversation === undefined || turn.number !== conversation.turns.length + 1) return 'taken';
      if (mayAsk !== undefined && !mayAsk(spentBy(conversation.incidentId))) return 'refused';
      conversation.turns.push({ ...turn, state: 'asked', reply: null, spent: null, results: [] });
      return 'asked';
    },
    answer: async (id, number, { blocks, stop, model, spent, elapsedMs }) =>
      change(id, number, isAsked, (turn) => ({
        ...turn,
        state: 'answered',
        reply: { blocks, stop, model },
        spent,
        counts: spent.counts,
        elapsedMs,
      })),
    giveUp: async (id, number, spent) =>
      change(id, number, isAsked, (turn) => ({ ...turn, state: 'given-up', spent, counts: spent.counts })),
    async keepResult(id, number, result) {
      change(
        id,
        number,
        ({ results }) => results.every((one) => one.callId !== result.callId),
        (turn) => ({ ...turn, results: [...turn.results, result] }),
      );
      return result;
    },
    noteTime: async (id, number, elapsedMs) => {
      change(
        id,
        number,
        () => true,
        (turn) => ({ ...turn, elapsedMs }),
      );
    },
    spentBy: async (incidentId) => spentBy(incidentId),
    forget: async () => undefined,
    toldSteers: async (investigationId) =>
      [...kept.values()]
        .filter((one) => one.investigationId === investigationId)
        .flatMap(({ turns }) =>
          turns
            .slice(0, turns.findLastIndex((turn) => turn.state === 'answered') + 1)
            .flatMap((turn) => turn.steers),
        ),
  };
}
