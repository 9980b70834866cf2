import type { KnownSecrets } from '../platform/known-secrets.ts';
import type { Block, LanguageModel } from '../ports/language-model.ts';
import { mapRequests } from './map-requests.ts';

/** A model that is never told a secret of this process, wherever the text that it gets has come from. */
export function maskModel(model: LanguageModel, secrets: KnownSecrets): LanguageModel {
  return mapRequests(
    model,
    (request) => ({
      ...request,
      system: secrets.maskJson(request.system),
      messages: request.messages.map(({ role, blocks }) => ({
        role,
        blocks: blocks.map((block) => maskBlock(block, secrets)),
      })),
    }),
    secrets.mask,
  );
}

/** What is the vendor's own goes back unchanged: it is signed, and made of what was masked before. */
function maskBlock(block: Block, secrets: KnownSecrets): Block {
  switch (block.type) {
    case 'text':
    case 'tool-result':
      return { ...block, text: secrets.mask(block.text) };
    case 'tool-call':
      return { ...block, input: secrets.maskJson(block.input) };
    case 'opaque':
      return block;
    default:
      return block satisfies never;
  }
}
