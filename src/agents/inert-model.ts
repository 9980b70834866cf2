import { visibleText } from '../platform/visible-text.ts';
import type { Block, LanguageModel } from '../ports/language-model.ts';
import { mapRequests } from './map-requests.ts';

/**
 * The one way to a model: whatever a request was made of (task, context, tool results, replies in a thread, answers of
 * other agents), nothing in it hides, reorders or moves a cursor. What the model itself said goes back byte by byte.
 */
export function createInertModel(model: LanguageModel): LanguageModel {
  return mapRequests(
    model,
    (request) => ({
      ...request,
      messages: request.messages.map((message) =>
        message.role === 'user' ? { ...message, blocks: message.blocks.map(makeInert) } : message,
      ),
    }),
    (text) => text,
  );
}

function makeInert(block: Block): Block {
  return block.type === 'text' || block.type === 'tool-result'
    ? { ...block, text: visibleText(block.text) }
    : block;
}
