/** A rule like `rate(errors[5m]) > 0.05`, taken apart. */
export interface Comparison {
  readonly left: string;
  readonly operator: '>' | '<' | '>=' | '<=' | '==' | '!=';
  readonly threshold: number;
}

/**
 * Splits PromQL at a comparison with a number that stands outside all brackets and quotes. What follows `and` or `unless`
 * only narrows when the rule applies, so the measure is what stands before it. Null for any other shape (`or`, two
 * comparisons, a comparison of two vectors): the expression is then used whole.
 */
export function splitComparison(expression: string): Comparison | null {
  const all = outsideBrackets(expression);
  if (/\bor\b/i.test(all)) return null;
  const narrowing = all.search(/\b(and|unless)\b/i);
  const end = narrowing === -1 ? expression.length : narrowing;
  const outside = all.slice(0, end);
  const found = [...outside.matchAll(/(>=|<=|==|!=|>|<)(\s*bool\b)?/g)];
  const [match] = found;
  if (found.length !== 1 || match === undefined) return null;
  const right = expression.slice(match.index + match[0].length, end).trim();
  const threshold = Number(right);
  if (right === '' || Number.isNaN(threshold)) return null;
  return {
    left: expression.slice(0, match.index).trim(),
    operator: match[1] as Comparison['operator'],
    threshold,
  };
}

/** `a / b` taken apart at its one division outside all brackets; null for any other shape. */
export function splitRatio(expression: string): { numerator: string; denominator: string } | null {
  const outside = outsideBrackets(expression);
  const at = outside.indexOf('/');
  // Another operator outside the brackets would bind differently; vector matching words stay with the denominator.
  if (at === -1 || outside.indexOf('/', at + 1) !== -1 || /[-+*%^<>=!]/.test(outside)) return null;
  if (/\b(on|ignoring|group_left|group_right|and|or|unless)\b/i.test(outside)) return null;
  return { numerator: expression.slice(0, at).trim(), denominator: expression.slice(at + 1).trim() };
}

/** The same length, with everything inside brackets or quotes blanked. */
function outsideBrackets(expression: string): string {
  let depth = 0;
  let quote = '';
  let out = '';
  for (let i = 0; i < expression.length; i += 1) {
    const character = expression.charAt(i);
    if (quote !== '') {
      if (character === '\\') {
        out += '  ';
        i += 1;
        continue;
      }
      if (character === quote) quote = '';
      out += ' ';
    } else if (character === '"' || character === "'" || character === '`') {
      quote = character;
      out += ' ';
    } else if ('([{'.includes(character)) {
      depth += 1;
      out += ' ';
    } else if (')]}'.includes(character)) {
      depth -= 1;
      out += ' ';
    } else out += depth === 0 ? character : ' ';
  }
  return out;
}
