import type { AgentPolicy } from '../../config/agent-policy.ts';
import type { Steer } from '../../domain/steer.ts';
import type { AskedTurn, KeptTurn } from '../../ports/conversations.ts';
import type { Block } from '../../ports/language-model.ts';
import type { LimitReached } from './budget.ts';
import { lastChanceFor } from './last-chance.ts';
import { mostShed } from './messages.ts';
import type { Opening } from './opening.ts';
import { estimateInput, estimateSpending } from './turn-spending.ts';
import { text, toModel } from './words.ts';

/** The next turn, with what it counts for until it is over. */
export function draftTurn(
  about: {
    readonly opening: Opening;
    readonly before: readonly KeptTurn[];
    /** Tokens, the answer left out. */
    readonly room: number;
    readonly model: string;
    readonly policy: AgentPolicy;
  },
  {
    limit,
    steers,
    ...wanted
  }: {
    readonly said: readonly Block[];
    readonly purposes: readonly string[];
    readonly steers: readonly Steer[];
    /** Set when it asks for the report, and nothing after it. */
    readonly limit: LimitReached | null;
    readonly shed: number;
    readonly elapsedMs: number;
  },
): KeptTurn {
  const { opening, before } = about;
  const turn = makeFit(about, {
    ...wanted,
    number: before.length + 1,
    said: [
      ...wanted.said,
      ...steers.map((steer) => text(toModel.steer(steer.text))),
      ...(limit === null ? [] : [text(toModel.reportNow)]),
    ],
    purposes: [...wanted.purposes, ...(limit === null ? [] : [lastChanceFor(limit)])],
    steers: steers.map((steer) => steer.id),
  });
  const { counts } = estimateSpending(opening, before, turn, about);
  return { ...turn, counts, state: 'asked', reply: null, spent: null, results: [] };
}

type Draft = Omit<AskedTurn, 'counts'>;

/** A request that cannot fit is not made: room is made first, as far as there is any. */
function makeFit(
  { opening, before, room }: Pick<Parameters<typeof draftTurn>[0], 'opening' | 'before' | 'room'>,
  turn: Draft,
): Draft {
  let { shed } = turn;
  while (shed < mostShed && estimateInput(opening, before, { ...turn, shed }) > room) shed += 1;
  return { ...turn, shed };
}
