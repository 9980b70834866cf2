import Anthropic, { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import type { ContentBlock, ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Json } from '../../platform/canonical-json.ts';
import { SourceRefused, SourceUnreachable } from '../../platform/errors.ts';
import type { Block, LanguageModel, Message, Turn } from '../../ports/language-model.ts';

export interface AnthropicOptions {
  readonly apiKey: string;
  /** Null for Anthropic's own address. */
  readonly baseUrl: string | null;
  readonly model: string;
  /** Of one turn; default 5 min. */
  readonly timeoutMs?: number;
}

/** Retried by the SDK on 408, 409, 429 and 5xx; a longer outage is the caller's to judge. */
const retries = 2;

/**
 * Claude through the Messages API. The whole conversation is sent each turn, with no server-side thread: a job that
 * another worker resumes must not depend on state that expires in minutes.
 */
export function createAnthropic(options: AnthropicOptions): LanguageModel {
  const client = new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    maxRetries: retries,
    timeout: options.timeoutMs ?? 300_000,
  });
  return {
    async turn(request, signal) {
      try {
        const answer = await client.messages.create(
          {
            model: options.model,
            max_tokens: request.maxOutputTokens,
            // The prefix is byte-stable over the turns of one agent, so it is read from the cache.
            system: request.system.map((text, index) => ({
              type: 'text' as const,
              text,
              ...(index === request.system.length - 1
                ? { cache_control: { type: 'ephemeral' as const } }
                : {}),
            })),
            tools: request.tools.map((tool) => ({
              name: tool.name,
              description: tool.description,
              input_schema: { ...tool.inputSchema, type: 'object' as const },
            })),
            messages: request.messages.map(toParam),
            ...(request.answerSchema === undefined
              ? {}
              : {
                  output_config: {
                    format: { type: 'json_schema' as const, schema: { ...request.answerSchema } },
                  },
                }),
          },
          { signal },
        );
        return {
          blocks: answer.content.map(fromContent),
          stop: stopOf(answer.stop_reason),
          usage: {
            inputTokens: answer.usage.input_tokens + (answer.usage.cache_creation_input_tokens ?? 0),
            outputTokens: answer.usage.output_tokens,
            cachedTokens: answer.usage.cache_read_input_tokens ?? 0,
          },
          model: answer.model,
        };
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

function toParam(message: Message): MessageParam {
  return { role: message.role, content: message.blocks.map(toBlockParam) };
}

function toBlockParam(block: Block): ContentBlockParam {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'tool-call':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input };
    case 'tool-result':
      return { type: 'tool_result', tool_use_id: block.callId, content: block.text, is_error: block.failed };
    case 'opaque':
      return block.value as unknown as ContentBlockParam;
    default:
      return block satisfies never;
  }
}

function fromContent(block: ContentBlock): Block {
  if (block.type === 'text') return { type: 'text', text: block.text };
  if (block.type === 'tool_use') {
    return { type: 'tool-call', id: block.id, name: block.name, input: block.input as Json };
  }
  // Thinking and whatever comes later: bound to model and conversation, so echoed as they are.
  return { type: 'opaque', value: block as unknown as Json };
}

function stopOf(reason: Anthropic.StopReason | null): Turn['stop'] {
  switch (reason) {
    case 'tool_use':
    case 'pause_turn':
      return 'tool-calls';
    case 'max_tokens':
      return 'max-tokens';
    case 'refusal':
      return 'refusal';
    case 'model_context_window_exceeded':
      return 'context-full';
    default:
      return 'end';
  }
}

function translate(error: unknown): unknown {
  if (error instanceof APIUserAbortError) return error;
  if (error instanceof APIConnectionError) {
    return new SourceUnreachable('Claude gave no answer.', 'Check the network and ANTHROPIC_BASE_URL.', {
      cause: error,
    });
  }
  if (!(error instanceof APIError)) return error;
  const { status } = error;
  if (status === 401 || status === 403) {
    return new SourceRefused(
      'Anthropic refused the key.',
      'Check ANTHROPIC_API_KEY, or empty it to use the evidence engine.',
      {
        cause: error,
      },
    );
  }
  // A spend cap answers 429 without a time to come back: asking again only costs.
  const spendCap =
    status === 429 &&
    error.headers?.get('retry-after') == null &&
    error.headers?.get('retry-after-ms') == null;
  if (status === 402 || spendCap) {
    return new SourceRefused(
      'The spend limit of the Anthropic account is reached.',
      'Raise it in the console.',
      { cause: error },
    );
  }
  if (status === 429 || status === undefined || status >= 500) {
    return new SourceUnreachable(
      'Claude is overloaded.',
      'It was tried three times; the next incident tries again.',
      { cause: error },
    );
  }
  return new SourceRefused(
    `Claude refused the request (${status}).`,
    'This is a defect of Warroom: please report it.',
    {
      cause: error,
    },
  );
}
