import { createContext, Script } from 'node:vm';

export interface LineHit {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export type LineSearch =
  | { readonly found: readonly LineHit[]; readonly total: number }
  /** A clause on the pattern. */
  | { readonly problem: string };

const timeoutMs = 500;

/** Only the engine may stop an expression that goes on for ever, and only from outside it. */
const script = new Script('search(pattern, flags, lines)');

/**
 * Lines that match a regular expression of somebody else's making. One that backtracks without end is given up after half
 * a second.
 * @param lines without line ends
 */
export function searchLines(
  lines: readonly string[],
  { pattern, ignoreCase, most }: { pattern: string; ignoreCase: boolean; most: number },
): LineSearch {
  try {
    return script.runInContext(
      createContext({ search: collect, pattern, flags: ignoreCase ? 'i' : '', lines, most }),
      { timeout: timeoutMs },
    ) as LineSearch;
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `is no regular expression: ${error.message}` };
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return { problem: 'took too long on this text: no nested repeats such as (a+)+' };
    throw error;
  }

  function collect(source: string, flags: string, all: readonly string[]): LineSearch {
    const expression = new RegExp(source, flags);
    const found: LineHit[] = [];
    let total = 0;
    for (const [index, text] of all.entries()) {
      if (!expression.test(text)) continue;
      total += 1;
      if (found.length < most) found.push({ line: index + 1, text });
    }
    return { found, total };
  }
}
