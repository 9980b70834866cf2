import { commonTraits, type Trait } from '../../analysis/logs/common-traits.ts';
import { type ComparedTemplate, compareTemplates } from '../../analysis/logs/compare-templates.ts';
import { readLevel } from '../../analysis/logs/learn-level.ts';
import { extractStackFrames, type StackFrame } from '../../analysis/logs/stack-frames.ts';
import type { LogLine, LogSource } from '../../ports/log-source.ts';
import { type IncidentWindow, isSevere } from './incident-window.ts';
import { countBursts, type LogBursts } from './log-bursts.ts';
import { readStacks, type StackRise } from './stack-signals.ts';
import { readShifts, type ValueShift } from './value-shifts.ts';

export interface LogSignals {
  /** Changed templates of trouble, most telling first. */
  readonly templates: readonly (ComparedTemplate & { readonly line: LogLine })[];
  /** Frames of the service's own code in what it began to log, most telling first. */
  readonly frames: readonly StackFrame[];
  readonly stacks: readonly StackRise[];
  /** Fields that lines of trouble share and others lack. */
  readonly traits: readonly Trait[];
  /** Values in lines of good times, too, that are not what they were. */
  readonly shifts: readonly ValueShift[];
  /** Routes and operations that lines of trouble name. */
  readonly operations: readonly string[];
  readonly numbers: readonly number[];
  readonly releases: readonly {
    readonly sha: string;
    readonly at: number;
    readonly previous: string | null;
  }[];
  readonly lines: { readonly before: number; readonly after: number; readonly severe: number };
  /** How often lines of the first templates and all others came; null without any template of trouble. */
  readonly bursts: LogBursts | null;
  /** 0–1 */
  readonly score: number;
}

const lineLimit = 3_000;
const tellingKeys =
  /^(?:err(?:or)?|exception|cause|reason|detail|details|fault|failure)(?:[._](?:message|msg|code|name|type|reason|class|kind|error))?$|(?:^|[._])(?:code|reason|error_code|error_name|error_type|rule)$/i;
const operationKeys =
  /^(?:route|operation|endpoint|path|url|handler|job|task|topic|command|rpc|query_name|http\.route)$/i;
const releaseKeys = /commit|sha|revision|git|version|release|build|image|tag/i;
const formerKeys = /prev|old|former|from|before|base|parent|last/i;

export async function readLogSignals(
  logs: LogSource,
  service: string,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<LogSignals> {
  const onset = window.onset.getTime();
  const around = {
    from: new Date(onset - 60_000),
    to: new Date(Math.min(onset + 20_000, window.to.getTime())),
  };
  const [before, after, near] = await Promise.all([
    logs.lines({ service, from: window.baselineFrom, to: new Date(onset - 500), limit: lineLimit }, signal),
    logs.lines({ service, from: window.onset, to: window.to, limit: lineLimit }, signal),
    logs.lines({ service, ...around, limit: lineLimit }, signal),
  ]);
  const templates = compareTemplates(
    before.lines.map(toMined),
    after.lines.map(toMined),
    spanOf(before.lines, window.baselineFrom.getTime(), onset, before.truncated),
    spanOf(after.lines, onset, window.to.getTime(), after.truncated),
  );
  const telling = templates.flatMap((template) => {
    const line = after.lines[template.example];
    if (line === undefined || template.score < 0.2) return [];
    if (template.change !== 'new' && template.change !== 'bursting') return [];
    return [{ ...template, line }];
  });
  const trouble = telling
    .filter((template) => template.errorShare > 0 || isTrouble(template.line))
    .slice(0, 12);
  const stacks = readStacks(before.lines, after.lines);
  const troubled = new Set(trouble.flatMap((template) => template.places.incident));
  const others = [...before.lines, ...after.lines.filter((_, place) => !troubled.has(place))];
  const fieldsOf = (lines: readonly LogLine[]) => lines.map((line) => line.fields);
  return {
    templates: trouble,
    stacks,
    traits: commonTraits(fieldsOf(after.lines.filter((_, place) => troubled.has(place))), fieldsOf(others)),
    shifts: readShifts(before.lines, after.lines),
    frames: [
      ...trouble.flatMap((template) => framesOf(template.line)),
      ...stacks.flatMap((stack) => stack.frames),
    ].slice(0, 12),
    operations: operationsOf(trouble, after.lines),
    numbers: [...new Set(trouble.flatMap((template) => numbersOf(template.line)))],
    releases: releasesOf([...before.lines, ...near.lines, ...after.lines]),
    lines: {
      before: before.lines.length,
      after: after.lines.length,
      severe: after.lines.filter(isSevere).length,
    },
    bursts: countBursts(before, after, trouble, window),
    score: Math.max(0, ...trouble.map((one) => one.score * (one.errorShare > 0.5 ? 1 : 0.6))),
  };
}

/** The message with what its fields say of the trouble. */
export function tellingText(line: LogLine): string {
  const parts = [line.message];
  for (const [key, value] of Object.entries(line.fields))
    if (
      typeof value === 'string' &&
      value.length < 400 &&
      tellingKeys.test(key) &&
      !line.message.includes(value)
    )
      parts.push(value);
  return parts.join(' · ').split('\n')[0]?.slice(0, 600) ?? '';
}

const messageKeys =
  /^(?:err(?:or)?|exception|cause|reason|detail|fault|failure)(?:[._](?:message|msg|reason|detail))?$/i;

/** The one sentence of a line that a person would quote: what its error says, else its message. */
export function quoteOf(line: LogLine): string {
  for (const [key, value] of Object.entries(line.fields))
    if (typeof value === 'string' && messageKeys.test(key) && /\s/.test(value.trim()))
      return value.trim().split('\n')[0] ?? value;
  return line.message;
}

const longAgo = 0;

function toMined(line: LogLine): { text: string; severe: boolean } {
  return { text: tellingText(line), severe: isSevere(line) };
}

function isTrouble(line: LogLine): boolean {
  if (line.level === 'warn') return true;
  return readLevel(tellingText(line)) !== 'info';
}

/** How long the lines reach: a service that started lately has a short baseline. */
function spanOf(lines: readonly LogLine[], from: number, to: number, truncated: boolean): number {
  const first = lines[0]?.at.getTime();
  const start = first === undefined ? from : truncated || first > from ? first : from;
  return Math.max(1, (to - start) / 1000);
}

function framesOf(line: LogLine): StackFrame[] {
  const texts = [
    line.message,
    ...Object.entries(line.fields).flatMap(([key, value]) =>
      typeof value === 'string' && (/stack|trace|exception/i.test(key) || value.includes('\n'))
        ? [value]
        : [],
    ),
  ];
  return texts.flatMap(extractStackFrames);
}

function operationsOf(
  trouble: readonly { line: LogLine; text: string }[],
  lines: readonly LogLine[],
): string[] {
  const messages = new Set(trouble.map((one) => one.line.message));
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (!messages.has(line.message)) continue;
    const method = line.fields['method'];
    for (const [key, value] of Object.entries(line.fields)) {
      if (typeof value !== 'string' || !operationKeys.test(key)) continue;
      const name = typeof method === 'string' && value.startsWith('/') ? `${method} ${value}` : value;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([name]) => name);
}

function numbersOf(line: LogLine): number[] {
  const inText = (tellingText(line).match(/(?<![\w.])\d{2,7}(?![\w])/g) ?? []).map(Number);
  const inFields = Object.entries(line.fields).flatMap(([key, value]) =>
    typeof value === 'number' && Number.isInteger(value) && !/id$|port|pid|time|at$/i.test(key)
      ? [value]
      : [],
  );
  return [...inText, ...inFields].slice(0, 12);
}

function releasesOf(lines: readonly LogLine[]): LogSignals['releases'] {
  const seen = new Map<string, { sha: string; at: number; previous: string | null }>();
  for (const line of lines) {
    const marks = Object.entries(line.fields).filter(
      ([key, value]) => releaseKeys.test(key) && typeof value === 'string' && /^[0-9a-f]{7,40}$/i.test(value),
    );
    if (marks.length === 0) continue;
    const at = line.at.getTime() / 1000;
    for (const [key, value] of marks) {
      const sha = String(value).toLowerCase();
      const former = formerKeys.test(key);
      const known = seen.get(sha);
      // What a release replaced was live already, nobody knows since when.
      const when = former ? longAgo : at;
      if (known === undefined || known.at > when) seen.set(sha, { sha, at: when, previous: null });
    }
  }
  return [...seen.values()].toSorted((a, b) => a.at - b.at).slice(-40);
}
