/** Words that are values anywhere, though nothing in their letters says so. */
const literals = new Set(['true', 'false', 'null', 'nil', 'none', 'undefined', 'nan', 'inf', 'infinity']);
const months = new Set(['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']);
const weekdays = new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
/** After a number they are part of it: the same program writes 900 ms and 1.2 s. */
const units = new Set([
  'b',
  'kb',
  'mb',
  'gb',
  'tb',
  'kib',
  'mib',
  'gib',
  'tib',
  'ns',
  'us',
  'µs',
  'ms',
  's',
  'sec',
  'secs',
  'min',
  'mins',
  'hr',
  'hrs',
  'h',
  'hz',
  'khz',
  'mhz',
  'ghz',
  'bps',
  'kbps',
  'mbps',
  'gbps',
]);
const domains =
  /^(?:com|net|org|edu|gov|mil|int|io|info|biz|dev|cloud|app|local|internal|localdomain|lan|svc|arpa|test|example|invalid|[a-z]{2})$/;
/** Two letters that end file names more often than host names. */
const extensions =
  /^(?:py|sh|so|rs|cc|md|gz|js|ts|pl|go|rb|hs|ml|vb|cs|hh|db|ko|in|la|mk|id|is|it|no|to|do|be)$/;

export function isNamedValue(line: string, start: number, end: number, limit: number): boolean {
  const length = end - start;
  if (length > 9) return isHexWord(line, start, end);
  const word = line.slice(start, end).toLowerCase();
  if (literals.has(word)) return true;
  if (length === 3) {
    if (months.has(word)) return nextIsDigit(line, end, limit);
    if (weekdays.has(word)) return /^,? +(?:\d|[A-Za-z]{3} +\d)/.test(line.slice(end, end + 9));
  }
  if (length <= 4 && units.has(word) && followsNumber(line, start)) return true;
  return length >= 8 && isHexWord(line, start, end);
}

/** Letters only: host names have digits mostly, and those are values anyway. */
export function looksLikeHost(line: string, start: number, end: number): boolean {
  const labels = line.slice(start, end).toLowerCase().split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels.some((label) => !/^[a-z_-]+$/.test(label))) return false;
  if (!domains.test(last)) return false;
  if (last.length > 2 || labels.length > 3) return true;
  return labels.length > 2 && !extensions.test(last);
}

function isHexWord(line: string, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const code = line.charCodeAt(i) | 32;
    if (code < 97 || code > 102) return false;
  }
  return true;
}

function nextIsDigit(line: string, end: number, limit: number): boolean {
  let i = end;
  while (i < limit && line.charCodeAt(i) === 32) i += 1;
  const code = line.charCodeAt(i);
  return i > end && code >= 48 && code <= 57;
}

function followsNumber(line: string, start: number): boolean {
  const code = line.charCodeAt(start - 2);
  return start >= 2 && line.charCodeAt(start - 1) === 32 && code >= 48 && code <= 57;
}
