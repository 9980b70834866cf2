import { sha256 } from '../../platform/canonical-json.ts';
import type { RemedyContext } from '../../ports/remedy.ts';

/** The same for every try of this effect and for no other: whatever is on it is ours. */
export function branchName(what: 'revert' | 'fix' | 'config' | 'undo', context: RemedyContext): string {
  return `warroom/${what}-${context.digest.slice(0, 12)}-${sha256(context.key).slice(0, 8)}`;
}
