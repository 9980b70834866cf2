import type { SyntaxNode } from '@lezer/common';

export interface CostFault {
  readonly offset: number;
  readonly problem: string;
  readonly hint: string;
}

const mostLookBackS = 7 * 86_400;
const leastResolutionS = 15;
/** What one query may make a server compute: points of the query times steps of its subquery. */
const mostSteps = 1_000_000;
const secondsOf: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/**
 * What would cost the server too much, or null. Prometheus' own limits are on samples in memory; a subquery over a constant
 * allocates its steps before they count.
 * @param points at which the expression is asked for
 */
export function faultOfCost(tree: SyntaxNode, expression: string, points: number): CostFault | null {
  let subqueries = 0;
  for (const node of nodesOf(tree)) {
    const fault = (problem: string, hint: string): CostFault => ({ offset: node.from, problem, hint });
    switch (node.name) {
      case 'StepInvariantExpr':
        return fault(
          '"@" takes the expression to another time',
          'Leave it out: the times asked for are those of the incident.',
        );
      case 'DurationExpr':
      case 'OffsetDurationExpr':
        if (node.parent?.name !== node.name && !Number.isFinite(secondsIn(node, expression)))
          return fault('It is no plain duration', 'Write it as 5m or 1h30m, without computing.');
        break;
      case 'VectorSelector':
        if (!namesSomething(node, expression))
          return fault(
            'The selector takes every series there is, or an expression for names of metrics alone',
            'Name a metric or a label’s value.',
          );
        if (lookBackS(node, expression) > mostLookBackS) return fault(...farBack);
        break;
      case 'SubqueryExpr': {
        subqueries += 1;
        if (subqueries > 1)
          return fault('There is more than one subquery', 'Ask with one [range:resolution] at most.');
        if (lookBackS(node, expression) > mostLookBackS) return fault(...farBack);
        const [range, resolution] = node.getChildren('DurationExpr');
        // Without one the server has its own, and few have a finer one than this.
        const resolutionS = resolution === undefined ? leastResolutionS : secondsIn(resolution, expression);
        if (!(resolutionS >= leastResolutionS))
          return fault(
            `A subquery steps by ${leastResolutionS} s at least`,
            'Write a coarser one, as in [1h:1m].',
          );
        const rangeS = range === undefined ? Number.NaN : secondsIn(range, expression);
        const steps = Math.ceil(rangeS / resolutionS) * Math.max(1, points);
        if (!(steps <= mostSteps))
          return fault(
            `The subquery makes ${Math.round(steps).toLocaleString('en-US')} steps, at most ${mostSteps.toLocaleString('en-US')}`,
            'Take a shorter range, a coarser resolution or fewer points (stepS).',
          );
        break;
      }
    }
  }
  return null;
}

const farBack = [
  'It looks back more than 7 days',
  'Use a shorter range; rates of an incident need 1m to 10m. Ranges, subqueries and offsets add up.',
] as const;

/** The different selectors, without ranges and offsets, in the order of the text. */
export function selectorsOf(tree: SyntaxNode, expression: string): string[] {
  const selectors = [...nodesOf(tree)].filter((node) => node.name === 'VectorSelector');
  return [...new Set(selectors.map((node) => expression.slice(node.from, node.to)))];
}

function* nodesOf(tree: SyntaxNode): Generator<SyntaxNode> {
  const cursor = tree.cursor();
  do yield cursor.node;
  while (cursor.next());
}

/** Everything from here outward that takes the server further from the time asked for, in s; NaN where it is no plain time. */
function lookBackS(from: SyntaxNode, expression: string): number {
  let sum = 0;
  for (let node: SyntaxNode | null = from; node !== null; node = node.parent) {
    const time =
      node.name === 'MatrixSelector' || node.name === 'SubqueryExpr'
        ? node.getChild('DurationExpr')
        : node.name === 'OffsetExpr'
          ? node.getChild('OffsetDurationExpr')
          : null;
    if (time !== null) sum += secondsIn(time, expression);
  }
  return sum;
}

/** Of `1d12h`, `300` or `-5m` (its distance); NaN for what is computed. */
function secondsIn(node: SyntaxNode, expression: string): number {
  const text = expression
    .slice(node.from, node.to)
    .replace(node.name === 'OffsetDurationExpr' ? /^[-+]\s*/ : /^$/, '');
  if (/^(?:\d+(?:ms|[smhdwy]))+$/.test(text))
    return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (secondsOf[unit] ?? Number.NaN),
      0,
    );
  return /^[\d.]+(?:e\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/**
 * A metric's name, a label's value, or several values without any wildcard. An expression for `__name__` alone can match
 * every series in many spellings, so it never counts.
 */
function namesSomething(selector: SyntaxNode, expression: string): boolean {
  const textOf = (node: SyntaxNode | null): string =>
    node === null ? '' : expression.slice(node.from, node.to);
  if (selector.getChild('Identifier') !== null) return true;
  const matchers = selector.getChild('LabelMatchers');
  if (matchers === null) return false;
  if (matchers.getChildren('QuotedLabelName').some((name) => textOf(name).length > 2)) return true;
  return [
    ...matchers.getChildren('UnquotedLabelMatcher'),
    ...matchers.getChildren('QuotedLabelMatcher'),
  ].some((matcher) => {
    const label = textOf(matcher.getChild('LabelName') ?? matcher.getChild('QuotedLabelName'));
    const value = textOf(matcher.getChild('StringLiteral')).slice(1, -1);
    if (value === '') return false;
    if (textOf(matcher.getChild('MatchOp')) === '=') return true;
    // An escape could spell the name.
    if (label.includes('__name__') || label.includes('\\')) return false;
    return textOf(matcher.getChild('MatchOp')) === '=~' && /^[\w:/ -]+(?:\|[\w:/ -]+)*$/.test(value);
  });
}
