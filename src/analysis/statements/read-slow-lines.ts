import type { LogLine } from '../../ports/log-source.ts';

/** One execution that PostgreSQL found slow enough to log. */
export interface SlowExecution {
  readonly at: Date;
  readonly durationMs: number;
  /** As logged: with `$1` for parameters, or with the values written in. */
  readonly statement: string;
}

/** What a line of the server's log may begin with; the first one in a line says what the line is. */
const severity =
  /\b(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|BACKTRACE): {1,2}/;
/** `parse` and `bind` lines repeat the statement of the execution that follows. */
const execution =
  /^duration: (\d+(?:\.\d+)?) ms {1,2}(?:statement|execute (?:fetch from )?[^\s:]+): +(\S[\s\S]*)$/;
const explained = /^duration: (\d+(?:\.\d+)?) ms {1,2}plan:\s*(\S[\s\S]*)$/;
/** The rest of a message that a shipper cut at its line ends: PostgreSQL indents it with a tab, syslog spells the tab. */
const continued = /^(?:.{0,200}?\[\d+-(?:[2-9]|\d\d+)\] ?)?(?:\t|#011)/;
const longestStatement = 20_000;

/**
 * Slow executions among the lines of a database, whatever shipped them: plain text behind any `log_line_prefix`,
 * `csvlog`, `jsonlog`, syslog, messages cut into lines, and `auto_explain`. A parameter's value cannot pass for a line of
 * its own as long as its line is whole: what a line is, is read at its beginning.
 */
export function readSlowLines(lines: readonly LogLine[]): SlowExecution[] {
  return joinContinued(lines).flatMap(({ at, text }) => {
    const message = messageOf(text);
    const found = message === null ? null : readMessage(message);
    return found === null ? [] : [{ at, ...found }];
  });
}

function joinContinued(lines: readonly LogLine[]): { at: Date; text: string }[] {
  const joined: { at: Date; text: string }[] = [];
  for (const { at, message } of lines) {
    const last = joined.at(-1);
    const rest = continued.exec(message);
    if (rest === null || last === undefined) joined.push({ at, text: message });
    else if (last.text.length < longestStatement) last.text += `\n${message.slice(rest[0].length)}`;
  }
  return joined;
}

/** The message without what stands before it; null when the line is of another kind. */
function messageOf(line: string): string | null {
  const text = line.trimStart();
  if (text.startsWith('duration: ')) return text;
  const mark = severity.exec(text);
  if (mark !== null) return mark[1] === 'LOG' ? text.slice(mark.index + mark[0].length) : null;
  // csvlog: the severity is a field of its own, and quotes in the message are doubled.
  const field = /,LOG,[0-9A-Z]{5},"((?:[^"]|"")*)"/.exec(text)?.[1];
  return field === undefined ? null : field.replaceAll('""', '"');
}

function readMessage(message: string): Omit<SlowExecution, 'at'> | null {
  const plain = execution.exec(message);
  if (plain !== null) return found(plain[1], plain[2]);
  const plan = explained.exec(message);
  return plan === null ? null : found(plan[1], queryText(plan[2] ?? ''));
}

function found(ms: string | undefined, text: string | undefined): Omit<SlowExecution, 'at'> | null {
  const statement = (text ?? '')
    .replaceAll(/#01[12]/g, ' ')
    .trim()
    .replace(/;$/, '')
    .trimEnd();
  const durationMs = Number(ms);
  if (statement === '' || statement.length > longestStatement || !Number.isFinite(durationMs)) return null;
  return { durationMs, statement };
}

/** `auto_explain` puts the statement before its plan, as text or as JSON. */
function queryText(plan: string): string {
  if (plan.startsWith('{')) {
    try {
      const text = (JSON.parse(plan) as { 'Query Text'?: unknown })['Query Text'];
      return typeof text === 'string' ? text : '';
    } catch {
      return '';
    }
  }
  const lines = plan.replace(/^Query Text: /, '').split('\n');
  const end = lines.findIndex((line) => /\(cost=\d/.test(line));
  return plan.startsWith('Query Text: ') ? lines.slice(0, end === -1 ? undefined : end).join('\n') : '';
}
