import {
  groupStackTraces,
  joinStackTraces,
  type TraceGroup,
} from '../../analysis/logs/group-stack-traces.ts';
import type { StackFrame } from '../../analysis/logs/stack-frames.ts';
import { riseOfShare } from '../../analysis/series/robust-statistics.ts';
import type { LogLine } from '../../ports/log-source.ts';

/** Stack traces through the same frames that came more often than before. */
export interface StackRise {
  readonly title: string;
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
  /** Through which it went on its way, by the names they are installed under. */
  readonly libraries: readonly string[];
  readonly count: number;
  readonly baseline: number;
}

const leastRise = 0.2;
const mostTraces = 1_000;
const mostGroups = 5;

/** Groups of traces that rose, most frequent first, from fields as well as from traces that came a line at a time. */
export function readStacks(before: readonly LogLine[], after: readonly LogLine[]): StackRise[] {
  const was = new Map(groupsOf(before).map((group) => [group.key, group.count]));
  return groupsOf(after)
    .map((group) => ({ ...group, baseline: was.get(group.key) ?? 0 }))
    .filter(
      ({ baseline, count }) =>
        baseline === 0 ||
        riseOfShare({ hits: baseline, total: before.length }, { hits: count, total: after.length }) >
          leastRise,
    )
    .slice(0, mostGroups)
    .map(({ title, frames, libraries, count, baseline }) => ({ title, frames, libraries, count, baseline }));
}

/** "the stack ends in src/tokens.js:31 verify(), called from src/routes.js:12 handle()" */
export function sayStack(stack: StackRise): string | null {
  const [inner, outer] = stack.frames;
  if (inner === undefined) return null;
  const from = outer === undefined || sameFrame(inner, outer) ? '' : `, called from ${sayFrame(outer)}`;
  return `the stack ends in ${sayFrame(inner)}${from} ×${stack.count} (${stack.baseline} before)`;
}

const installed = /(?:node_modules\/((?:@[^/\s]+\/)?[^/\s]+)|(?:site|dist)-packages\/([^/\s]+))\//g;

function librariesIn(text: string): string[] {
  return [...new Set([...text.matchAll(installed)].flatMap((match) => match[1] ?? match[2] ?? []))];
}

function groupsOf(lines: readonly LogLine[]): (TraceGroup & { readonly libraries: readonly string[] })[] {
  const texts: string[] = [];
  for (const line of lines)
    for (const [key, value] of Object.entries(line.fields))
      if (typeof value === 'string' && (/stack|trace|exception/i.test(key) || value.includes('\n')))
        texts.push(value);
  // A logger without structure writes a trace as many lines, and shippers send each alone.
  texts.push(...joinStackTraces(lines.map((line) => line.message)));
  const traces = texts.filter((text) => text.includes('\n')).slice(-mostTraces);
  return groupStackTraces(traces).map((group) => ({
    ...group,
    libraries: librariesIn(traces[group.example] ?? ''),
  }));
}

function sayFrame({ file, line, function: name }: StackFrame): string {
  const place = file
    .replace(/^file:\/\//, '')
    .split(/[\\/]/)
    .slice(-2)
    .join('/');
  return `${place}${line === null ? '' : `:${line}`}${name === null ? '' : ` ${name}()`}`;
}

function sameFrame(a: StackFrame, b: StackFrame): boolean {
  return a.file === b.file && a.line === b.line;
}
