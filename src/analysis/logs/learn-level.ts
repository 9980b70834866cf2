const severeWords =
  /\b(?:error|exception|fatal|panic|critical|fail(?:ed|ure|s)?|refused|unavailable|denied|cannot|could not|unable|timed? ?out|timeout|crash(?:ed)?|abort(?:ed)?|reject(?:ed)?|traceback|uncaught|unhandled)\b|\w(?:error|exception)\b/i;
const warningWords = /\b(?:warn(?:ing)?|retry(?:ing)?|slow|deprecated|degraded|expired|invalid|missing)\b/i;
/** `0 errors`, `no failures`, `error=null`: the word, but not the trouble. */
const denied =
  /\b(?:no|0|zero|without(?: an?)?)\s+(?:errors?|failures?|failed|exceptions?|timeouts?|crash(?:es)?)\b|\b(?:err(?:or)?s?|fail(?:ed|ures?)?|exceptions?|timeouts?)["']?\s*[=:]\s*(?:0|false|null|nil|none|""|\[\])(?![\w.])/gi;

/** The most of a line whose words are judged: what went wrong is said early, and lines may be of any length. */
const mostJudged = 2000;

/** Severity from the words of a line that states none. */
export function learnLevel(text: string): 'error' | 'warn' | 'info' {
  const rest = text.slice(0, mostJudged).replace(denied, ' ');
  if (severeWords.test(rest)) return 'error';
  return warningWords.test(rest) ? 'warn' : 'info';
}

const stated =
  /(?:"(?:level|severity|lvl|loglevel|log\.level)"\s*:\s*"|\b(?:level|severity|lvl)=["']?|^[^"']{0,90}?[[\s<|])(trace|debug|info(?:rmation)?|notice|warn(?:ing)?|error|err|fatal|crit(?:ical)?|severe|alert|emerg|panic|failure)(?=["'\]\s>|:,]|$)/i;
const klog = /^([IWEF])\d{4} \d\d:/;
const klogLevels: Readonly<Record<string, 'error' | 'warn' | 'info'>> = {
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'error',
};

/** Severity of a whole line as its logger wrote it: what it states near its beginning or in a field, else its words. */
export function readLevel(line: string): 'error' | 'warn' | 'info' {
  const letter = klog.exec(line)?.[1];
  if (letter !== undefined) return klogLevels[letter] ?? 'info';
  const word = stated.exec(line)?.[1];
  // In the middle of a sentence a small word states nothing: loggers write levels in capitals, brackets or fields.
  if (word === undefined || !isLevel(line, word)) return learnLevel(line);
  if (/^(?:err|error|fatal|crit|severe|alert|emerg|panic|failure)/i.test(word)) return 'error';
  return /^warn/i.test(word) ? 'warn' : 'info';
}

function isLevel(line: string, word: string): boolean {
  if (word === word.toUpperCase()) return true;
  const place = line.indexOf(word);
  const before = line[place - 1] ?? '';
  return /[[<"'=|]/.test(before) || /\d\s*$/.test(line.slice(0, place)) || /,\s*$/.test(line.slice(0, place));
}
