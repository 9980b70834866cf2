import { extractStackFrames, type StackFrame } from './stack-frames.ts';

export interface TraceGroup {
  /** The same for traces of the same frames, whatever their message and line numbers. */
  readonly key: string;
  /** First line of the first of them. */
  readonly title: string;
  readonly frames: readonly StackFrame[];
  readonly count: number;
  /** Place in the given texts of the first one. */
  readonly example: number;
}

/** Frames that tell traces apart; those further out are the way in, which differs from request to request. */
const tellingFrames = 5;
const longestName = 200;

/** Traces by the innermost own frames they went through, most frequent first; texts without frames are left out. */
export function groupStackTraces(texts: readonly string[]): TraceGroup[] {
  const groups = new Map<string, { -readonly [Key in keyof TraceGroup]: TraceGroup[Key] }>();
  for (const [index, text] of texts.entries()) {
    const frames = extractStackFrames(text);
    if (frames.length === 0) continue;
    const kind = kindOf(text);
    const key = [
      kind,
      ...frames.slice(0, tellingFrames).map((frame) => `${baseName(frame.file)}:${frame.function ?? ''}`),
    ].join(' < ');
    const known = groups.get(key);
    if (known === undefined)
      groups.set(key, { key, title: text.split('\n')[0] ?? '', frames, count: 1, example: index });
    else known.count += 1;
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count || a.example - b.example);
}

/** The first dotted name that ends like an error. Found from its end: from its beginning, long names would be read again and again. */
function kindOf(text: string): string {
  const end = /(?:Error|Exception|Panic|Fault)\b/.exec(text);
  if (end === null) return '';
  const to = end.index + end[0].length;
  return /[\w.$]*$/.exec(text.slice(Math.max(0, to - longestName), to))?.[0] ?? '';
}

/** The same file lies elsewhere on another machine. */
function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

const continuation =
  /^(?:\s+at\s|\s+\S|Caused by:|\s*\.\.\. \d+ more|\t|goroutine \d+ \[|Traceback \(most recent|During handling of|[\w.]+(?:Error|Exception)(?::|$)|main\.|\S+\(0x[0-9a-f, x.]*\)$)/;
const mostLines = 200;

/** Joins the lines of a trace with the line that announced it; others pass as they are. Holds one trace at a time. */
export function* joinStackTraces(lines: Iterable<string>): Generator<string> {
  let held: string[] = [];
  for (const line of lines) {
    if (held.length > 0 && continuation.test(line)) {
      if (held.length < mostLines) held.push(line);
      continue;
    }
    if (held.length > 0) yield held.join('\n');
    held = [line];
  }
  if (held.length > 0) yield held.join('\n');
}
