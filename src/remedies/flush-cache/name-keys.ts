import { inertText } from '../../domain/inert-text.ts';
import { maskRandom, maskShapes } from '../../platform/mask-credentials.ts';

const longest = 80;

/** Names of keys as a room may read them. The name of a session's key is often all that it takes to be that user. */
export function nameKeys(sample: readonly string[]): string {
  return sample
    .map((key) => maskRandom(maskShapes(key), { least: 16, keep: 4 }))
    .map((key) => inertText(key.length <= longest ? key : `${key.slice(0, longest - 1)}…`))
    .join(', ');
}
