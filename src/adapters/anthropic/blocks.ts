import type { ContentBlock, ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Json } from '../../platform/canonical-json.ts';
import type { Block, Message } from '../../ports/language-model.ts';

/** The conversation as the API takes it: it refuses empty texts, empty messages and halves of surrogate pairs. */
export function toMessageParams(messages: readonly Message[]): MessageParam[] {
  return messages
    .map(({ role, blocks }) => ({
      role,
      content: blocks.filter((block) => block.type !== 'text' || block.text.trim() !== '').map(toBlockParam),
    }))
    .filter(({ content }) => content.length > 0);
}

function toBlockParam(block: Block): ContentBlockParam {
  switch (block.type) {
    case 'text':
      return {
        type: 'text',
        text: block.text.toWellFormed(),
        ...(block.kept === true ? { cache_control: { type: 'ephemeral', ttl: '1h' } } : {}),
      };
    case 'tool-call':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input };
    case 'tool-result':
      return {
        type: 'tool_result',
        tool_use_id: block.callId,
        content: block.text.toWellFormed(),
        is_error: block.failed,
      };
    case 'opaque':
      return block.value as unknown as ContentBlockParam;
    default:
      return block satisfies never;
  }
}

export function fromContent(block: ContentBlock): Block {
  if (block.type === 'text') return { type: 'text', text: block.text };
  if (block.type === 'tool_use') {
    return { type: 'tool-call', id: block.id, name: block.name, input: block.input as Json };
  }
  // Thinking and whatever comes later: bound to model and conversation, so echoed as they are.
  return { type: 'opaque', value: block as unknown as Json };
}
