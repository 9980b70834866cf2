import type { Json } from '../platform/canonical-json.ts';

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
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedTokens: number;
  };
  readonly model: string;
}

/** One turn of a conversation. Throws `SourceUnreachable` (overload, network) or `SourceRefused` (key, spend cap, bad request). */
export interface LanguageModel {
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
