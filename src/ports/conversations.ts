import type { Json } from '../platform/canonical-json.ts';
import type { Block, Turn } from './language-model.ts';

/** One conversation of an agent with a model: kept turn by turn, so that another worker can go on with it. */
export interface Conversations {
  /** Undefined when none has begun under this id. */
  get(id: string): Promise<Conversation | undefined>;
  /** The row that holds: an existing one is left as it is. */
  begin(conversation: Omit<Conversation, 'turns'>): Promise<Conversation>;
  /**
   * The intent, before a request leaves; from here on it counts. `taken`: there is a turn of this number, somebody else goes
   * on with it. `refused`: `mayAsk` says no to what the incident's agents have spent, requests under way included; between
   * its answer and the row nobody else of the incident can ask.
   */
  ask(
    id: string,
    turn: AskedTurn,
    mayAsk?: (spent: readonly InvestigationSpending[]) => boolean,
  ): Promise<'asked' | 'taken' | 'refused'>;
  /** The reply, once. False when the turn was given up meanwhile. */
  answer(id: string, number: number, reply: Reply): Promise<boolean>;
  /** A request of which no reply will come: who asked is gone. It counts as spent. False when it has been answered. */
  giveUp(id: string, number: number, spent: Spending): Promise<boolean>;
  /** What a tool answered; the first one that is kept holds. */
  keepResult(id: string, number: number, result: CallResult): Promise<CallResult>;
  /** How long the agent has worked so far; never less than was noted before. */
  noteTime(id: string, number: number, elapsedMs: number): Promise<void>;
  /** What the agents of an incident have spent, a line an investigation; `counts` includes requests under way. */
  spentBy(incidentId: string): Promise<readonly InvestigationSpending[]>;
  /** Ids of the steers that were in a request, of any round, which was answered, or in what a later request repeated. */
  toldSteers(investigationId: string): Promise<string[]>;
  /**
   * Takes out what was said, and the whole outputs behind evidence rows, of incidents that were resolved before then. What
   * was spent stays, and so do the evidence rows.
   */
  forget(resolvedBefore: Date): Promise<void>;
}

export interface Conversation {
  readonly id: string;
  readonly incidentId: string;
  readonly investigationId: string;
  /** As it is asked for; thinking of one model must not be shown to another. */
  readonly model: string;
  /** What it began with, in the words of who began it. */
  readonly opening: Json;
  /** In their order. */
  readonly turns: readonly KeptTurn[];
}

export interface AskedTurn {
  /** Counts from 1. */
  readonly number: number;
  /** What we said besides the results of the turn before. */
  readonly said: readonly Block[];
  /** What it asks for besides going on, in the words of who asks. */
  readonly purposes: readonly string[];
  /** Ids of the steers that are among it. */
  readonly steers: readonly string[];
  /** How much had been taken out of the conversation to make it fit; 0 is nothing. */
  readonly shed: number;
  /** Of the agent until now, over all workers. */
  readonly elapsedMs: number;
  /** By estimate, until it is over. */
  readonly counts: Counted;
}

/** What counts toward the limits. */
export interface Counted {
  /** All input, cached or not, and all output. */
  readonly tokens: number;
  /** US; at the dearest known price where the model's is not known. */
  readonly dollars: number;
}

export interface Reply {
  readonly blocks: readonly Block[];
  readonly stop: Turn['stop'];
  /** As the API spells it. */
  readonly model: string;
  readonly spent: Spending;
  readonly elapsedMs: number;
}

export interface Spending {
  /** Fresh input, what was written into the cache included. */
  readonly inputTokens: number;
  /** Input that the cache had. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** US dollars; null where no price is known. */
  readonly dollars: number | null;
  readonly counts: Counted;
}

export interface KeptTurn extends AskedTurn {
  /** `given-up`: no reply will come, and `spent` is an estimate. */
  readonly state: 'asked' | 'answered' | 'given-up';
  /** Null until it is answered. */
  readonly reply: Pick<Reply, 'blocks' | 'stop' | 'model'> | null;
  readonly spent: Spending | null;
  readonly results: readonly CallResult[];
}

export interface CallResult {
  readonly callId: string;
  readonly text: string;
  readonly failed: boolean;
  /** It could not be run for how it was written: no such tool, or an input that breaks its schema. */
  readonly malformed: boolean;
}

export interface InvestigationSpending extends Spending {
  readonly investigationId: string;
  readonly turns: number;
  /** Turns without a price; `dollars` is the sum of the others. */
  readonly unpriced: number;
  /** Turns that were given up: what they count for is an estimate. */
  readonly estimated: number;
  readonly elapsedMs: number;
}
