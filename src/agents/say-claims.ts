import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { Look } from './look-at-service.ts';
import { quoteOf } from './signals/log-signals.ts';
import { sayOperation, saySlow, shorten } from './signals/say-signals.ts';
import type { OriginRise } from './signals/trace-signals.ts';

const faintWeight = 1.5;

/** "14:02:11 UTC" */
export function sayTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}

export function sayHealthy(look: Pick<Look, 'service' | 'signals' | 'judgement'>): string {
  const { traces, metrics, logs } = look.signals;
  // An alert alone is no trouble: a threshold may be too tight, or more may be asked than was planned for.
  const alerted = look.judgement.abnormal > look.judgement.seen;
  const load = metrics?.signals.find((one) => one.kind === 'traffic' || one.kind === 'requests');
  const requests = (traces?.operations ?? [])
    .filter((one) => one.service === look.service)
    .reduce((sum, one) => sum + one.after.count, 0);
  const looked = [
    traces === null ? null : `${requests} requests`,
    metrics === null || metrics.missing !== null ? null : `${metrics.signals.length} metrics`,
    logs === null ? null : `${logs.lines.after} log lines`,
  ].filter((part) => part !== null);
  const what = looked.length === 0 ? 'no telemetry to look at' : looked.join(', ');
  if (!alerted) return `${look.service}: nothing abnormal here (${what}).`;
  const moved = load === undefined ? '' : `, ${load.text}`;
  return `${look.service}: nothing abnormal here beside its alert (${what}${moved}).`;
}

/** What is wrong with a service where it begins, in a clause: `billing refuses POST /x with 401, "expired"`. */
export function saySymptom(look: Omit<Look, 'evidence'>): string {
  const { judgement, service, signals } = look;
  const [origin] = judgement.origins;
  const kinds = judgement.kinds;
  const metric = (kind: string): string => {
    const found = signals.metrics?.signals.find((one) => one.kind === kind && one.score >= 0.2);
    return found === undefined ? '' : ` (${found.text})`;
  };
  const slow = judgement.troubled.find((one) => one.slowRise > 0.35);
  if (slow !== undefined && judgement.slow && judgement.own > 0.5)
    return `${service} is slow: ${saySlow(slow)}`;
  if (signals.metrics?.signals.some((one) => one.kind === 'down' && one.score >= 0.35))
    return `${service} is down or hangs${metric('down')}`;
  const leak = kinds.get('descriptor-leak') ?? 0;
  const memory = kinds.get('memory-leak') ?? 0;
  const strongest = Math.max(
    0,
    ...[...kinds].filter(([kind]) => !kind.endsWith('leak')).map(([, weight]) => weight),
  );
  // A release leaves a refused request or two behind; what grows is the story.
  const faint = origin === undefined || origin.weight < faintWeight;
  if (leak >= 0.6 && faint) return `${service} leaks file descriptors${metric('descriptor-leak')}`;
  if (memory >= 0.6 && faint && strongest < 0.9)
    return `${service} keeps growing in memory${metric('memory-leak')}`;
  const answer = judgement.troubled.find((one) => one.newSuccesses.length > 0);
  if (answer !== undefined)
    return `${service} answers ${answer.operation} with ${answer.newSuccesses.join(', ')}, which its callers do not expect`;
  if (origin !== undefined && judgement.own > 0.2 && !judgement.slow) return sayOriginHere(look, origin);
  if (slow !== undefined) return `${service} is slow: ${saySlow(slow)}`;
  const quote = quoteFrom(look);
  const [reason = 'it alerted'] = judgement.reasons;
  return `${service}: ${reason}${quote === null || reason.includes('"') ? '' : `, "${quote}"`}`;
}

function sayOriginHere(look: Omit<Look, 'evidence'>, origin: OriginRise): string {
  const { service } = look;
  const operation = sayOperation(origin);
  const text = origin.text === null ? quoteFrom(look) : shorten(origin.text);
  const status = origin.status === null ? '' : ` with ${origin.status}`;
  const tail = `${status}${text === null ? '' : `, "${text}"`}`;
  if (origin.service !== service)
    return origin.kind === 'rejected'
      ? `${origin.service} refuses what ${service} asks${tail}`
      : `${service}'s calls to ${origin.service} fail${tail}`;
  switch (origin.kind) {
    case 'rejected':
      return `${service} refuses ${operation}${tail}`;
    case 'gave-up':
      return `${service} gives up on ${operation}${tail}`;
    case 'slow':
      return `${service} answers ${operation} too late${tail}`;
    case 'unanswered':
      return `${service} does not answer ${operation}${tail}`;
    default:
      return `${service} fails ${operation}${tail}`;
  }
}

/** "commit 1a2b3c4d by Ada changed `ttl` 24 → 1" */
export function sayCommit(ranked: RankedCommit): string {
  return `commit ${ranked.commit.sha.slice(0, 8)} by ${ranked.commit.author} ${ranked.change}`;
}

function quoteFrom(look: Omit<Look, 'evidence'>): string | null {
  const template = look.signals.logs?.templates[0];
  return template === undefined ? null : shorten(quoteOf(template.line));
}
