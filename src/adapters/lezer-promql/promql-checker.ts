import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { QueryChecker, QueryFault } from '../../ports/query-checker.ts';
import { faultOfCost, selectorsOf } from './query-cost.ts';

/** Take a range, `x[5m]`; the others take what it is now. */
const overRanges =
  /^(rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|changes|resets|absent_over_time|\w+_over_time)$/;

/** PromQL by Prometheus' own grammar for editors, and what its type checker would say first. */
export function createPromqlChecker(): QueryChecker {
  return {
    check: (expression, points) => checkSyntax(expression) ?? checkMeaning(expression, points),
    selectors: (expression) => selectorsOf(parser.parse(expression).topNode, expression),
  };
}

function checkSyntax(expression: string): QueryFault | null {
  if (expression.trim() === '') return faultAt(expression, 0, 'The expression is empty', 'Name a metric.');
  const errors: { from: number; to: number; parent: string }[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError)
        errors.push({ from: node.from, to: node.to, parent: node.node.parent?.name ?? '' });
    },
  });
  const [first] = errors;
  if (first === undefined) return null;
  const word = expression.slice(first.from, first.to);
  const called = /([a-zA-Z_]\w*)\s*$/.exec(expression.slice(0, first.from))?.[1];
  if (word === '' && first.from >= expression.trimEnd().length)
    return faultAt(expression, first.from, 'The expression ends too early', sayOpen(expression));
  const open = openBracket(expression);
  if (open === null && expression[first.from] === '(' && called !== undefined)
    return faultAt(
      expression,
      first.from - called.length,
      `"${called}" is no function of PromQL`,
      'Check its name; aggregations are sum, avg, max, min, count, topk, quantile.',
    );
  if (first.parent.includes('LabelMatcher'))
    return faultAt(expression, first.from, `"${word}" is no value of a label`, 'Quote it: {label="value"}.');
  return faultAt(
    expression,
    first.from,
    word === ''
      ? `Something is missing before "${expression.slice(first.from, first.from + 12)}"`
      : `"${word}" is not expected here`,
    sayOpen(expression),
  );
}

function sayOpen(expression: string): string {
  return openBracket(expression) ?? 'The form is: sum by (label) (rate(metric{label="value"}[5m])).';
}

const brackets = [
  ['(', ')'],
  ['{', '}'],
  ['[', ']'],
] as const;

/** Most faults are brackets. Null: they match. */
function openBracket(expression: string): string | null {
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  for (const [open, close] of brackets) {
    const [opened, closed] = [bare.split(open).length, bare.split(close).length];
    if (opened !== closed)
      return opened > closed ? `A "${open}" is not closed.` : `A "${close}" was not opened.`;
  }
  return null;
}

function checkMeaning(expression: string, points: number): QueryFault | null {
  let fault: QueryFault | null = null;
  const tree = parser.parse(expression);
  tree.iterate({
    enter: ({ node }) => {
      if (fault !== null) return false;
      fault = faultOf(node, expression);
      return fault === null;
    },
  });
  if (fault !== null) return fault;
  const cost = faultOfCost(tree.topNode, expression, points);
  return cost === null ? null : faultAt(expression, cost.offset, cost.problem, cost.hint);
}

function faultOf(node: SyntaxNode, expression: string): QueryFault | null {
  if (node.name !== 'FunctionCall') return null;
  const name = expression.slice(node.from, node.getChild('FunctionIdentifier')?.to ?? node.from);
  const body = node.getChild('FunctionCallBody');
  if (!overRanges.test(name) || body === null || holdsRange(body)) return null;
  return faultAt(expression, body.from, `${name} needs a range of values`, `Write ${name}(metric[5m]).`);
}

function holdsRange(body: SyntaxNode): boolean {
  const cursor = body.cursor();
  do {
    if (cursor.name === 'MatrixSelector' || cursor.name === 'SubqueryExpr') return true;
  } while (cursor.next() && cursor.from < body.to);
  return false;
}

function faultAt(expression: string, offset: number, problem: string, hint: string): QueryFault {
  const before = expression.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, problem, hint };
}
