import Anthropic from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import type {
  Message as AnthropicMessage,
  ContentBlock,
  MessageCreateParamsNonStreaming,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { Block, LanguageModel, ToolDeclaration, Turn } from '../../ports/language-model.ts';
import { fromContent, toMessageParams } from './blocks.ts';
import { explainFailure } from './explain-failure.ts';
import { withRetries } from './with-retries.ts';

export interface AnthropicOptions {
  readonly apiKey: string;
  /** Null for Anthropic's own address. */
  readonly baseUrl: string | null;
  readonly model: string;
  /** Of one request; default 5 min. */
  readonly timeoutMs?: number;
}

type Request = Parameters<LanguageModel['turn']>[0];

/** A paused turn is continued this often before what there is of it counts as the turn. */
const mostPauses = 4;

/**
 * Claude through the Messages API. The whole conversation is sent each turn, with no server-side thread: a job that
 * another worker resumes must not depend on state that expires in minutes.
 */
export function createAnthropic(options: AnthropicOptions): LanguageModel {
  const client = new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    // The SDK waits as long as a `retry-after` says, an hour if need be: `withRetries` has a bound.
    maxRetries: 0,
    timeout: options.timeoutMs ?? 300_000,
    // Its debug log prints whole requests, with source code in them; what went wrong is in our errors.
    logLevel: 'off',
  });
  return {
    name: options.model,
    async turn(request, signal) {
      try {
        return await takeTurn(
          (params) => withRetries(() => client.messages.create(params, { signal }), signal),
          paramsOf(options.model, request),
        );
      } catch (error) {
        throw explainFailure(error, options.apiKey);
      }
    },
    windowTokens: windowOf(options.model),
    async countTokens(text, signal) {
      try {
        const { input_tokens: tokens } = await client.messages.countTokens(
          { model: options.model, messages: [{ role: 'user', content: text.toWellFormed() }] },
          { signal },
        );
        return tokens;
      } catch (error) {
        throw explainFailure(error, options.apiKey);
      }
    },
  };
}

/** Of the fifth generation on, a million; what is older or unknown has at least this. */
function windowOf(model: string): number {
  return /^claude-(?:opus|sonnet|haiku|fable)-5(?:-|$)/.test(model) ? 1_000_000 : 200_000;
}

/** One turn of ours is one answer of Claude, or several where the API paused it: those are joined. */
async function takeTurn(
  ask: (params: MessageCreateParamsNonStreaming) => Promise<AnthropicMessage>,
  params: MessageCreateParamsNonStreaming,
): Promise<Turn> {
  const content: ContentBlock[] = [];
  const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, written5mTokens: 0, written1hTokens: 0 };
  for (let pauses = 0; ; pauses += 1) {
    // The API goes on from a paused answer that is handed back as it was, with nothing said after it.
    const said: MessageParam[] = content.length === 0 ? [] : [{ role: 'assistant', content }];
    const answer = await ask({ ...params, messages: [...params.messages, ...said] });
    content.push(...answer.content);
    const written = answer.usage.cache_creation_input_tokens ?? 0;
    const forAnHour = answer.usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
    usage.inputTokens += answer.usage.input_tokens + written;
    usage.written1hTokens += forAnHour;
    usage.written5mTokens += Math.max(0, written - forAnHour);
    usage.outputTokens += answer.usage.output_tokens;
    usage.cachedTokens += answer.usage.cache_read_input_tokens ?? 0;
    if (answer.stop_reason === 'pause_turn' && pauses < mostPauses) continue;
    const blocks = content.map(fromContent);
    return { blocks, stop: stopOf(answer.stop_reason, blocks), usage, model: answer.model };
  }
}

function paramsOf(model: string, request: Request): MessageCreateParamsNonStreaming {
  const { system, tools, answerSchema } = request;
  const kept = request.messages.some(({ blocks }) => blocks.some((one) => one.type === 'text' && one.kept));
  // Breakpoints: tools and role are the same for every agent, what is kept for every agent of a service, and the tail
  // grows with one agent's conversation. One that lives longer has to come before those that do not.
  const prefix = kept ? { type: 'ephemeral' as const, ttl: '1h' as const } : { type: 'ephemeral' as const };
  // In the order in which the API caches: the body of a turn begins with the bytes of the one before.
  return {
    model,
    max_tokens: request.maxOutputTokens,
    cache_control: { type: 'ephemeral' },
    ...(answerSchema === undefined
      ? {}
      : { output_config: { format: { type: 'json_schema' as const, schema: answerFormat(answerSchema) } } }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
    ...(system.length === 0
      ? {}
      : {
          system: system.map((text, index) => ({
            type: 'text' as const,
            text,
            ...(index === system.length - 1 ? { cache_control: prefix } : {}),
          })),
        }),
    messages: toMessageParams(request.messages),
  };
}

/**
 * Not `strict`: the API bounds how many optional parameters strict tools may have together and how large their grammar
 * grows, and beyond that refuses every request. An input that breaks its schema costs one turn: the tool says so.
 */
function toTool(tool: ToolDeclaration): Anthropic.Tool {
  const { $schema: _, ...schema } = tool.inputSchema;
  return { name: tool.name, description: tool.description, input_schema: { ...schema, type: 'object' } };
}

/** Constrained output knows a subset of JSON Schema; the SDK moves the rest (bounds, lengths) into descriptions. */
function answerFormat(schema: NonNullable<Request['answerSchema']>): { [key: string]: unknown } {
  return jsonSchemaOutputFormat({ ...schema, type: 'object' } as Parameters<typeof jsonSchemaOutputFormat>[0])
    .schema;
}

function stopOf(reason: Anthropic.StopReason | null, blocks: readonly Block[]): Turn['stop'] {
  switch (reason) {
    case 'max_tokens':
      return 'max-tokens';
    case 'refusal':
      return 'refusal';
    case 'model_context_window_exceeded':
      return 'context-full';
    default:
      // By what there is to answer: a call without a result makes the API refuse the rest of the conversation.
      return blocks.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'end';
  }
}
