/**
 * Where a line's message begins, behind what the logger wrote before it. Nothing here knows a format: a header is what
 * stands around a time near the beginning of the line: host, process, level, thread, component, in any order.
 */
const time = [
  // 2026-11-22T10:00:00.123Z, 2026/11/22 10:00:00, 2005-06-03-15.42.50.675872, 2005.06.03
  String.raw`\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:(?:T|-|:|\s+)\d{1,2}[:.]\d{1,2}[:.]\d{1,2}(?:[.,:]\d+)?)?(?:Z|\s?[+-]\d\d:?\d\d\b)?`,
  // 22/Nov/2026:10:00:00 +0000
  String.raw`\d{1,2}[-/ ][A-Z][a-z]{2}[-/ ]\d{4}[: ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\s[+-]\d{4})?`,
  // Sun Nov 22 10:00:00 2026, Nov 22 10:00:00
  String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}(?:\s+\d{4})?\s+\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\s+\d{4}\b)?`,
  // I1122 10:00:00.123456
  String.raw`[IWEF]\d{4}\s\d\d:\d\d:\d\d\.\d+`,
  // 20261122-10:00:00:123, 17/06/09 20:10:40, 11-22 10:00:00.123, 10.30 16:49:06, 261122 10:00:00
  String.raw`(?:\d{8}[-T: ]|\d{6}\s|\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?\s+)?\d{1,2}:\d{1,2}:\d{1,2}(?:[.,:]\d+)?(?:Z|\s[AP]M\b)?`,
  // 261122 100000
  String.raw`\d{6}\s\d{6}(?=\s)`,
  // Seconds or milliseconds since 1970
  String.raw`[12]\d{9}(?:\.\d+|\d{3}|\d{6}|\d{9})?(?=[\s|,\]])`,
].join('|');
const firstTime = new RegExp(String.raw`(?<![\w.:/=-])(?:${time})`, 'g');
const nextTime = new RegExp(String.raw`(?:${time})(?=[\s|\],;]|$)`, 'y');
const timeSoon = new RegExp(String.raw`(?:[^\s\[(]*[^\s:\[(]\s+){1,2}(?:${time})(?=[\s|\],;]|$)`, 'y');
const mostHead = 600;
const mostAhead = 90;
const mostTokensAhead = 4;
/** Words that lead to a time in a sentence. */
const inSentence =
  /\b(?:at|on|in|from|since|until|till|to|by|the|an?|is|was|for|of|and|last|next|time|date)$|[:=(]$/i;

const levelNames =
  'TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|ALERT|EMERG|PANIC|FAILURE|VERBOSE|FINE|FINER|FINEST|CONFIG';
const someLevel = `(?:${levelNames}|[Tt]race|[Dd]ebug|[Ii]nfo|[Nn]otice|[Ww]arn(?:ing)?|[Ee]rror|[Ff]atal|[Cc]ritical)`;
const level = new RegExp(String.raw`(?:\[${someLevel}\s*\]|<${someLevel}>|${someLevel}(?=[\s:|,\]])):?`, 'y');
/** What stands before a level: no sentence, as none of it ends with a colon. */
const untilLevel = new RegExp(String.raw`(?:[^\s:]*(?::[^\s:]+)*\s+){1,3}(?:${levelNames})(?=[\s:|,])`, 'y');
const letterLevel = /[VDIWEFT](?=\s+[\w.$/-]+\s*:\s|\/[\w.]+)/y;
const numbers = /\d+(?=[\s|])/y;
const processNumber = /\d+(?=\s+---\s)/y;
const gap = /(?:\s|\||,|;|:(?=\s)|-+(?=\s)|\](?=[\s:|,[-]|$):?|\b(?:UTC|GMT|CES?T|[ECMP][DS]T)(?=\s))+/y;
const columns = /(?:[^|\s]{1,40}\|){1,3}/y;
const group = /\[(?:[^\][:]|:(?!\s)){0,120}\](?=[\s:\][|-]):?/y;
const closing = /[\w.-]+:\d+\](?=\s)/y;
/** How Kubernetes keeps what a container printed. */
const containerStream = /\s(?:stdout|stderr) [FP](?=\s)/y;
const tag =
  /(?!\w*(?:[Ee]rror|[Ee]xception|[Ff]ail\w*|[Ww]arning)\s?:)[\w.$/@#+~-]{1,80}(?:\([\w.-]*\))?(?:\[[\w.-]+\])?(?:\s?\(\S+\))?\s?:(?=\s|$)/y;
const tagBehind = String.raw`(?:--\s+)?[\w.$/@#+~-]{1,80}(?:\([\w.-]*\))?(?:\[[\w.-]+\])?(?:\s?\(\S+\))?\s?:(?=\s|$)`;
/** Classic syslog has a host and a tag behind its time, always. */
const syslogTime =
  /(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d\d:\d\d:\d\d(?:\.\d+)?\s*$/;
const hostAndTag = new RegExp(String.raw`(?:[^\s:"'=(]+\s+){1,2}${tagBehind}`, 'y');
/** Elsewhere, a word ahead of a colon may be what the line says: a host has to look like one, or the tag have a number. */
const likelyHostAndTag = new RegExp(
  String.raw`(?:(?=[^\s:]*[\d.@/#-])[^\s:"'=(]+\s+){1,2}${tagBehind}|(?:[^\s:"'=(]+\s+){1,2}[\w.$/@#+~-]{1,80}\[\d+\]:(?=\s|$)`,
  'y',
);
const dotted = /[A-Za-z_]\w*(?:[.:]{1,2}[\w$]+){2,}(?=\s)/y;
const dashed = /(?:\S+\s+){1,3}-\s/y;
const padded = /[\w.-]+(?=\s{2,})/y;
const leadingNumbers = new RegExp(String.raw`(?:\d+\s+){1,4}${someLevel}(?=\s)`, 'y');

/** Index at which the message of the line begins; 0 when it has no header. */
export function findMessage(line: string): number {
  return findInHead(line.length > mostHead ? line.slice(0, mostHead) : line);
}

function findInHead(line: string): number {
  let place = afterFirstTime(line);
  if (place === 0) {
    place = take(leadingNumbers, line, 0);
    if (place === 0) return 0;
  }
  place = take(containerStream, line, place);
  let leveled = false;
  let groups = 0;
  for (let fields = 0; fields < 12; fields += 1) {
    const barred = line.charCodeAt(place) === 124;
    place = take(gap, line, place);
    if (barred) {
      const after = take(columns, line, place);
      if (after > place) return after;
    }
    let after = take(nextTime, line, place);
    if (after === place && fields < 3 && !leveled) after = take(timeSoon, line, place);
    if (after === place) after = take(leveled ? processNumber : numbers, line, place);
    if (after === place && !leveled) {
      after = take(level, line, place);
      if (after === place) after = take(letterLevel, line, place);
      if (after === place) after = take(untilLevel, line, place);
      leveled = after > place;
    }
    if (after === place && groups < 3) {
      after = take(group, line, place);
      if (after > place) groups += 1;
    }
    if (after === place) break;
    place = after;
  }
  return afterComponent(line, place, leveled);
}

/** One component, as far as one shows; what follows is the message. */
function afterComponent(line: string, place: number, leveled: boolean): number {
  let after = take(closing, line, place);
  if (after === place) after = take(tag, line, place);
  if (after === place && !leveled)
    after = take(syslogTime.test(line.slice(0, place)) ? hostAndTag : likelyHostAndTag, line, place);
  if (after === place) after = take(dotted, line, place);
  if (after === place) after = take(dashed, line, place);
  if (after === place && leveled && /\s\s$/.test(line.slice(Math.max(0, place - 2), place)))
    after = take(padded, line, place);
  if (after === place) return place;
  const start = take(gap, line, after);
  if (start >= line.length) return place;
  const behind = take(group, line, start);
  return behind > start ? take(gap, line, behind) : start;
}

function afterFirstTime(line: string): number {
  const head = line.length > mostAhead + 60 ? line.slice(0, mostAhead + 60) : line;
  firstTime.lastIndex = 0;
  const match = firstTime.exec(head);
  if (match === null || match.index > mostAhead) return 0;
  const before = head.slice(0, match.index).trimEnd();
  if (before !== '') {
    if (before.split(/\s+/).length > mostTokensAhead || inSentence.test(before)) return 0;
  }
  return match.index + match[0].length;
}

function take(pattern: RegExp, line: string, place: number): number {
  pattern.lastIndex = place;
  return pattern.test(line) ? pattern.lastIndex : place;
}
