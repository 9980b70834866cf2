import { sha256 } from '../../platform/canonical-json.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { AllottedLayer, LoadedLayer } from './allot.ts';

/** By digest of what was counted; the same text is not counted twice. */
const counts = new Map<string, number>();
const mostKept = 500;
const timeoutMs = 10_000;

/** Asks the API once a layer, where it can be asked; without an answer the estimate stands. */
export async function countLayers(
  layers: readonly AllottedLayer[],
  model: Pick<LanguageModel, 'countTokens'>,
  parent: AbortSignal,
): Promise<LoadedLayer[]> {
  const { countTokens } = model;
  if (countTokens === undefined) return layers.map((layer) => ({ ...layer, countedTokens: null }));
  const signal = AbortSignal.any([parent, AbortSignal.timeout(timeoutMs)]);
  return await Promise.all(
    layers.map(async (layer) => {
      const text = layer.loaded.map((unit) => unit.text).join('');
      if (text === '') return { ...layer, countedTokens: 0 };
      const key = sha256(text);
      try {
        const counted = counts.get(key) ?? (await countTokens(text, signal));
        counts.set(key, counted);
        for (const oldest of counts.keys()) {
          if (counts.size <= mostKept) break;
          counts.delete(oldest);
        }
        return { ...layer, countedTokens: counted };
      } catch {
        // It says what a layer costs; an agent does not wait for it.
        parent.throwIfAborted();
        return { ...layer, countedTokens: null };
      }
    }),
  );
}
