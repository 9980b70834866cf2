export type TestFormat =
  | 'tap'
  | 'junit'
  | 'jest-json'
  | 'node-spec'
  | 'pytest'
  | 'go-json'
  | 'go-text'
  | 'jest-text'
  | 'vitest-text'
  | 'mocha'
  | 'unittest'
  | 'surefire';

export interface TestFailure {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
  /** Clipped. */
  readonly stack: string;
}

/** What a run of tests says of itself. It is untrusted text: the exit code decides whether tests passed, never this. */
export interface TestReport {
  readonly format: TestFormat;
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Null when the report does not say. */
  readonly durationMs: number | null;
  readonly failures: readonly TestFailure[];
  /** The report is not whole: it ended early, or it is longer than what is read. */
  readonly cut: boolean;
}

/** Of one report; what comes after is not read. */
export const mostReportChars = 4_000_000;
const mostFailures = 50;
const nameChars = 300;
const messageChars = 800;
const stackChars = 2_000;

export interface Outcome {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly message?: string | undefined;
  readonly stack?: string | undefined;
}

/** Counts that a summary states are better than those of what was listed. */
export function makeReport(
  format: TestFormat,
  outcomes: readonly Outcome[],
  said: {
    total?: number | undefined;
    passed?: number | undefined;
    failed?: number | undefined;
    skipped?: number | undefined;
    durationMs?: number | null | undefined;
    cut: boolean;
  },
): TestReport {
  const count = (outcome: Outcome['outcome']): number =>
    outcomes.filter((one) => one.outcome === outcome).length;
  const failing = outcomes.filter((one) => one.outcome === 'failed');
  const [passed, failed, skipped] = [
    said.passed ?? count('passed'),
    said.failed ?? failing.length,
    said.skipped ?? count('skipped'),
  ];
  return {
    format,
    total: said.total ?? passed + failed + skipped,
    passed,
    failed,
    skipped,
    durationMs: said.durationMs ?? null,
    failures: failing.slice(0, mostFailures).map(toFailure),
    cut: said.cut,
  };
}

function toFailure({ name, file, line, message = '', stack = '' }: Outcome): TestFailure {
  const told = line === undefined ? placeIn(`${message}\n${stack}`) : {};
  const place =
    file === undefined || file === ''
      ? told
      : { file, line: line ?? (told.file === file ? told.line : undefined) };
  return {
    name: clip(name.trim() || '(no name)', nameChars),
    ...(place.file === undefined ? {} : { file: clip(place.file, nameChars) }),
    ...(place.line === undefined || !Number.isSafeInteger(place.line) ? {} : { line: place.line }),
    message: clip(message.trim(), messageChars),
    stack: clip(stack.trim(), stackChars),
  };
}

/** The innermost frame of own code in a stack of JavaScript. */
export function placeIn(stack: string): { file?: string; line?: number } {
  for (const row of stack.slice(0, 20_000).split('\n')) {
    const found =
      /^\s*(?:at .*?\(?(?:file:\/\/)?(?=\/)|❯ (?:\S+ )?)([^\s():]{1,300}):(\d{1,7}):\d{1,7}\)?$/.exec(
        row.slice(0, 1_000),
      );
    if (found !== null && !row.includes('/node_modules/'))
      return { file: inWorkspace(found[1] ?? ''), line: Number(found[2]) };
  }
  return {};
}

/** Relative to where commands run in the sandbox. */
export function inWorkspace(file: string): string {
  return file
    .replace(/^file:\/\//, '')
    .replace(/^\/work\//, '')
    .replace(/^\.\//, '');
}

export function clip(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A number that a report states; undefined where it is none that can be counted with. */
export function toNumber(text: unknown): number | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
