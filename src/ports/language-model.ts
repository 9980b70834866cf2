import type { Json } from '../platform/canonical-json.ts';
import { SourceRefused, SourceUnreachable } from '../platform/errors.ts';

export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input object. */
  readonly inputSchema: { readonly [key: string]: Json };
}

export type Block =
  /** `kept`: the request up to here is the same for others and in later turns, and is worth caching for an hour. */
  | { readonly type: 'text'; readonly text: string; readonly kept?: true }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly input: Json }
  | { readonly type: 'tool-result'; readonly callId: string; readonly text: string; readonly failed: boolean }
  /** Vendor blocks that must be echoed unchanged (thinking); opaque to us. */
  | { readonly type: 'opaque'; readonly value: Json };

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly blocks: readonly Block[];
}

export interface Turn {
  readonly blocks: readonly Block[];
  readonly stop: 'end' | 'tool-calls' | 'max-tokens' | 'refusal' | 'context-full';
  readonly usage: Usage;
  readonly model: string;
}

export interface Usage {
  /** Fresh input, what was written into the cache included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Input that the cache had. */
  readonly cachedTokens: number;
  /** Of `inputTokens`: written into the cache, to stay there for five minutes, and for an hour. */
  readonly written5mTokens?: number;
  readonly written1hTokens?: number;
}

/** Passes by itself, perhaps. */
export class ModelUnreachable extends SourceUnreachable {
  readonly reason: 'overloaded' | 'cut' | 'too-slow' | 'rate-limited' | 'failed';

  constructor(reason: ModelUnreachable['reason'], message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.reason = reason;
  }
}

/** Passes when a person, or whoever made the request, changes something. */
export class ModelRefused extends SourceRefused {
  readonly reason: 'account' | 'spend-limit' | 'too-large' | 'bad-request';

  constructor(reason: ModelRefused['reason'], message: string, hint: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.reason = reason;
  }
}

/** One turn of a conversation. Throws `ModelUnreachable` or `ModelRefused`. */
export interface LanguageModel {
  /** As the vendor is asked for it; absent: nobody can say what it costs. */
  readonly name?: string;
  turn(
    request: {
      system: readonly string[];
      messages: readonly Message[];
      tools: readonly ToolDeclaration[];
      /** When given, the answer's last text is JSON of this schema. */
      answerSchema?: { readonly [key: string]: Json };
      maxOutputTokens: number;
    },
    signal: AbortSignal,
  ): Promise<Turn>;
  /** Tokens of one request, answer included; absent: unknown. */
  readonly windowTokens?: number;
  /** By the vendor's own count; absent where there is none. Throws as `turn` does. */
  countTokens?(text: string, signal: AbortSignal): Promise<number>;
}
