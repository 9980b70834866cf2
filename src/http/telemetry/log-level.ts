import type { LogLine } from '../../ports/log-source.ts';

type Level = LogLine['level'];

const words: Readonly<Record<string, Level>> = {
  trace: 'debug',
  verbose: 'debug',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  severe: 'error',
  fatal: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  panic: 'fatal',
};

const syslog: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

/** Words of the usual loggers, pino's numbers (10–60) and syslog's severities (0–7). */
export function parseLevel(value: unknown): Level {
  if (typeof value === 'number') return levelOfNumber(value);
  if (typeof value !== 'string') return 'unknown';
  const word = value.trim().toLowerCase();
  if (/^\d{1,2}$/.test(word)) return levelOfNumber(Number(word));
  return Object.hasOwn(words, word) ? (words[word] ?? 'unknown') : 'unknown';
}

function levelOfNumber(value: number): Level {
  if (value >= 0 && value < 8) return syslog[Math.floor(value)] ?? 'unknown';
  if (value < 10) return 'unknown';
  if (value < 30) return 'debug';
  if (value < 40) return 'info';
  if (value < 50) return 'warn';
  return value < 60 ? 'error' : 'fatal';
}
