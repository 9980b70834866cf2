import { sha256 } from '../../platform/canonical-json.ts';

/** Where a flush keeps what it removes, on the cache's own server: one name for every try of one effect. */
export function recordName(key: string): string {
  return `warroom:undo:${sha256(key).slice(0, 32)}`;
}

export const recordNamePattern = /^warroom:undo:[0-9a-f]{32}$/;

/** Where it is remembered which keys were brought back from it. */
export function markName(key: string): string {
  return `${recordName(key)}:restored`;
}
