/** Letters that mean themselves to Redis and to whoever reads a card. */
const plain = /^[A-Za-z0-9_.:@/{}=,|#~+-]*$/;

/**
 * Why a pattern may not be flushed; null when it is one of the allowed patterns, or one of those that end in a single `*`
 * with more of its prefix spelled out (`session:*` → `session:eu:*`, `session:42`). No other glob can be trusted to match
 * less than it.
 */
export function whyNotAllowed(pattern: string, allowed: readonly string[]): string | null {
  if (allowed.includes(pattern)) return null;
  const literal = pattern.endsWith('*') ? pattern.slice(0, -1) : pattern;
  const narrows = allowed.some((one) => {
    const prefix = one.slice(0, -1);
    return one.endsWith('*') && !/[*?[\]\\]/.test(prefix) && literal.startsWith(prefix);
  });
  if (narrows && plain.test(literal)) return null;
  return `the catalogue allows ${allowed.join(', ')} and what begins with more of such a prefix, spelled out.`;
}
