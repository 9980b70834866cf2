import type { AgentPolicy } from '../../config/agent-policy.ts';
import type { PeerQuestion } from '../../domain/peer-question.ts';
import type { Steer } from '../../domain/steer.ts';
import type {
  Conversation,
  Conversations,
  InvestigationSpending,
  KeptTurn,
} from '../../ports/conversations.ts';
import {
  type Block,
  type LanguageModel,
  ModelRefused,
  ModelUnreachable,
} from '../../ports/language-model.ts';
import type { Notebook, Report } from '../investigator.ts';
import { residentEngineer } from '../prompts/resident-engineer.ts';
import { answerCalls, looksIn } from './answer-calls.ts';
import { addUp, describeLimit, type LimitReached, limitReached, mayReport, spentOf } from './budget.ts';
import { draftTurn } from './draft-turn.ts';
import { lastChanceOf, noReportAt } from './last-chance.ts';
import { mostShed, toMessages } from './messages.ts';
import { readOpening } from './opening.ts';
import { readReport } from './read-report.ts';
import { reportJsonSchema } from './report.ts';
import { resume } from './resume.ts';
import { ConversationEnded, ConversationTaken } from './stopped.ts';
import type { ToolDesk } from './tool-desk.ts';
import { estimateSpending, spendingOf, unspent } from './turn-spending.ts';
import { text, toModel, toThread } from './words.ts';

/** Thinking counts into it. */
const outputTokens = 16_000;
/** A request that is on its way when the minutes are over may end. */
const graceMs = 60_000;
/** Turns in a row of which no call could be run. */
const mostMalformed = 3;

export interface ConversationParts {
  readonly model: LanguageModel;
  readonly conversations: Conversations;
  /** As it is kept; one with turns is gone on with. */
  readonly conversation: Conversation;
  /** What is new since it was last told, for the tail; null when nothing is. */
  readonly refresh: (signal: AbortSignal) => Promise<string | null>;
  /** Before the keys of its steps. */
  readonly stepScope: string;
  readonly desk: ToolDesk;
  /** Names that a claim may blame. */
  readonly services: ReadonlySet<string>;
  /** What other agents ask and the report may answer. */
  readonly asked: readonly PeerQuestion[];
  readonly policy: AgentPolicy;
  readonly notebook: Notebook;
  readonly signal: AbortSignal;
}

/** What became of a conversation so far; also when it throws. */
export interface Progress {
  turns: readonly KeptTurn[];
  elapsedMs(): number;
}

export interface Held {
  readonly report: Report;
  /** Set when a limit made it report before it was done. */
  readonly limit: LimitReached | null;
}

/** Why a request is made, kept with it: what may be asked for once is known from rows, whoever asks. */
type Purpose = 'shorter' | 'well-formed' | 'repair' | 'challenge' | 'room';

interface Request {
  readonly said: readonly Block[];
  readonly purpose?: Purpose;
  /** What holds where there is no room for the request. */
  readonly otherwise?: UsableReport;
}

interface UsableReport {
  readonly report: Report;
  /** For the thread. */
  readonly limits: readonly string[];
}

type Next = UsableReport | Request;

export function startProgress(conversation: Conversation): Progress {
  const began = performance.now();
  const before = Math.max(0, ...conversation.turns.map((turn) => turn.elapsedMs));
  return { turns: conversation.turns, elapsedMs: () => before + performance.now() - began };
}

/**
 * Turn by turn until there is a report; each step is kept before the next begins, and what is kept is not done again. A
 * limit asks for the report of what was seen so far: one request, and none after it whatever its answer is.
 * @throws ConversationEnded, ModelUnreachable, ModelRefused when it ends without one
 * @throws ConversationTaken when another worker has gone on with it meanwhile
 */
export async function holdConversation(parts: ConversationParts, progress: Progress): Promise<Held> {
  const { conversation, conversations, desk, policy, notebook, signal } = parts;
  const opening = readOpening(conversation.opening);
  const resumed = await resume(parts, opening);
  progress.turns = resumed.turns;
  let pending = resumed.said;
  const room = (parts.model.windowTokens ?? Number.POSITIVE_INFINITY) - outputTokens;

  for (;;) {
    const next = await decide(progress.turns.at(-1));
    const usable = 'report' in next ? next : await take(next);
    if (usable === null) continue;
    for (const sentence of usable.limits) await notebook.limit(sentence);
    return { report: usable.report, limit: lastChance() };
  }

  /** From rows and clock alone, so that whoever goes on decides the same. */
  async function decide(last: KeptTurn | undefined): Promise<Next> {
    if (last === undefined) return { said: [] };
    const stop = last.reply?.stop;
    const limit = lastChance();
    if (limit !== null && stop !== 'end' && stop !== 'refusal') throw noReportAt(limit);
    if (last.reply === null) return { said: [] };
    switch (last.reply.stop) {
      case 'tool-calls':
        return afterCalls(last);
      case 'end':
        return afterAnswer(last.reply.blocks);
      case 'max-tokens':
        if (hasAsked('shorter')) throw new ConversationEnded('max-tokens', toThread.cutTwice);
        await notebook.limit(toThread.cutOnce);
        return { said: [text(toModel.shorter)], purpose: 'shorter' };
      case 'context-full':
        return makeRoom();
      case 'refusal':
        throw new ConversationEnded('refusal', toThread.refused);
      default:
        return last.reply.stop satisfies never;
    }
  }

  async function afterCalls(last: KeptTurn): Promise<Next> {
    if (hasAsked('well-formed')) throw new ConversationEnded('malformed-calls', toThread.malformedTwice);
    const answered = await answerCalls(
      {
        conversations,
        conversationId: conversation.id,
        stepScope: parts.stepScope,
        desk,
        elapsedMs: () => progress.elapsedMs(),
      },
      last,
    );
    progress.turns = progress.turns.with(-1, answered);
    if (callsInVain()) {
      await notebook.limit(toThread.malformedOnce);
      return { said: [text(toModel.wellFormed)], purpose: 'well-formed' };
    }
    const news = (await reached()) === null ? await parts.refresh(signal) : null;
    return { said: news === null ? [] : [text(news)] };
  }

  function callsInVain(): boolean {
    const calling = progress.turns.filter((turn) => turn.reply?.stop === 'tool-calls').slice(-mostMalformed);
    return (
      calling.length === mostMalformed &&
      calling.every(({ results }) => results.every((one) => one.malformed))
    );
  }

  async function afterAnswer(blocks: readonly Block[]): Promise<Next> {
    const last = lastChance();
    const hasRoom = last === null && (await reached()) === null;
    const looked = looksIn(progress.turns);
    const read = await readReport({ ...parts, looked }, blocks, {
      mayChallenge: hasRoom && !hasAsked('challenge'),
      atLimit: last !== null,
    });
    if ('problem' in read) {
      if (last !== null) throw noReportAt(last);
      if (hasAsked('repair')) throw new ConversationEnded('no-report', toThread.noReport);
      return { said: [text(read.problem)], purpose: 'repair' };
    }
    if ('challenge' in read) return { said: [text(read.challenge)], purpose: 'challenge' };
    // What a person wrote meanwhile is worth one more look.
    if (hasRoom && (await unheard()).length > 0) return { said: [], otherwise: read };
    return read;
  }

  async function makeRoom(): Promise<Request> {
    if (shed() >= mostShed) throw new ConversationEnded('context-full', toThread.full);
    return { said: [], purpose: 'room' };
  }

  function shed(): number {
    return Math.max(0, ...progress.turns.map((turn) => turn.shed));
  }

  function hasAsked(purpose: Purpose): boolean {
    return progress.turns.some((turn) => turn.purposes.includes(purpose));
  }

  function lastChance(): LimitReached | null {
    return lastChanceOf(progress.turns, policy);
  }

  async function unheard() {
    const heard = new Set(progress.turns.flatMap((turn) => turn.steers));
    return (await notebook.steers()).filter((steer) => !heard.has(steer.id));
  }

  /** By rows of all agents, so that workers share it; our own time from our own clock. */
  async function reached(): Promise<LimitReached | null> {
    return reachedBy(await conversations.spentBy(conversation.incidentId));
  }

  function reachedBy(lines: readonly InvestigationSpending[]): LimitReached | null {
    // Its own time begins with its first request.
    const own = spentOf(progress.turns, progress.turns.length === 0 ? 0 : progress.elapsedMs());
    return limitReached(policy, own, addUp(lines));
  }

  /**
   * One request: kept before it leaves, its reply before anything is made of it. Whether there is room is asked once more
   * where it is kept: agents that ask at the same moment see each other's requests.
   * @returns what holds instead when there is no room; null when it was made
   */
  async function take(wanted: Request): Promise<UsableReport | null> {
    for (let limit = await reached(); ; limit = await reached()) {
      if (limit !== null && wanted.otherwise !== undefined) return wanted.otherwise;
      if (limit !== null && progress.turns.length === 0)
        throw new ConversationEnded('limit', toThread.limitBefore(limit.words), limit);
      const steers = limit === null ? await unheard() : [];
      const { said, purpose } = wanted;
      const turn = draftTurn(
        { opening, before: progress.turns, room, model: conversation.model, policy },
        {
          said: [...pending, ...said],
          purposes: purpose === undefined ? [] : [purpose],
          steers,
          limit,
          shed: shed() + (purpose === 'room' ? 1 : 0),
          elapsedMs: progress.elapsedMs(),
        },
      );
      const asked = await conversations.ask(conversation.id, turn, (lines) =>
        limit === null ? reachedBy(lines) === null : mayReport(policy, addUp(lines)),
      );
      if (asked === 'taken') throw new ConversationTaken();
      if (asked === 'refused' && limit !== null) throw noReportAt(limit);
      if (asked === 'refused') continue;
      await makeRequest(turn, steers, limit);
      return null;
    }
  }

  async function makeRequest(
    turn: KeptTurn,
    steers: readonly Steer[],
    limit: LimitReached | null,
  ): Promise<void> {
    pending = [];
    if (limit !== null) await notebook.limit(toThread.reportsAtLimit(limit.words));
    for (const sentence of toThread.madeRoom.slice(shed(), turn.shed)) await notebook.limit(sentence);
    const before = progress.turns;
    progress.turns = [...before, turn];
    await request(turn, before);
    for (const steer of steers) await notebook.step(`steer:${steer.id}`, toThread.heard(steer.text), 'done');
  }

  async function request(turn: KeptTurn, before: readonly KeptTurn[]): Promise<void> {
    const leftMs = policy.perAgent.minutes * 60_000 - progress.elapsedMs();
    const overdue = AbortSignal.timeout(Math.max(0, Math.ceil(leftMs)) + graceMs);
    const settle = (settled: Partial<KeptTurn>): void => {
      progress.turns = [...before, { ...turn, ...settled }];
    };
    try {
      const { blocks, stop, model, usage } = await parts.model.turn(
        {
          system: [residentEngineer],
          messages: toMessages(opening, before, turn, conversation.model === (parts.model.name ?? '')),
          tools: desk.declarations,
          answerSchema: reportJsonSchema,
          maxOutputTokens: outputTokens,
        },
        AbortSignal.any([signal, overdue]),
      );
      const spent = spendingOf({ usage, model }, policy);
      const elapsedMs = progress.elapsedMs();
      const reply = { blocks, stop, model };
      if (!(await conversations.answer(conversation.id, turn.number, { ...reply, spent, elapsedMs })))
        throw new ConversationTaken();
      settle({ state: 'answered', reply, spent, counts: spent.counts, elapsedMs });
    } catch (error) {
      // Told to stop: whoever goes on counts the request as spent.
      if (signal.aborted || error instanceof ConversationTaken) throw error;
      const spent =
        overdue.aborted || mayBeBilled(error)
          ? estimateSpending(opening, before, turn, { model: conversation.model, policy })
          : unspent;
      if (!(await conversations.giveUp(conversation.id, turn.number, spent))) throw new ConversationTaken();
      const tooLarge = error instanceof ModelRefused && error.reason === 'too-large';
      // As if it had been answered so: one API tells of a window that is too small before it begins, one while it writes.
      const reply = tooLarge ? ({ blocks: [], stop: 'context-full', model: '' } as const) : null;
      settle({ state: 'given-up', spent, counts: spent.counts, reply });
      if (overdue.aborted) throw noReportAt(describeLimit(policy, 'minutes', 'agent'));
      if (!tooLarge) throw error;
    }
  }
}

/** The answer may have been written, and lost on its way. */
function mayBeBilled(error: unknown): boolean {
  return error instanceof ModelUnreachable && (error.reason === 'cut' || error.reason === 'too-slow');
}
