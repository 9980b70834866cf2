import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import type { Look } from './look-at-service.ts';
import { saySlow, shorten } from './signals/say-signals.ts';

/** "14:02:11 UTC" */
export function sayTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}

export function sayHealthy(look: Pick<Look, 'service' | 'signals'>): string {
  const { traces, metrics, logs } = look.signals;
  const requests = (traces?.operations ?? [])
    .filter((one) => one.service === look.service)
    .reduce((sum, one) => sum + one.after.count, 0);
  const looked = [
    traces === null ? null : `${requests} requests`,
    metrics === null || metrics.missing !== null ? null : `${metrics.signals.length} metrics`,
    logs === null ? null : `${logs.lines.after} log lines`,
  ].filter((part) => part !== null);
  return `${look.service}: nothing abnormal here (${looked.length === 0 ? 'no telemetry to look at' : looked.join(', ')}).`;
}

/** What is wrong with a service where it begins, in a clause: "billing refuses POST /x with 401 …". */
export function saySymptom(look: Omit<Look, 'evidence'>): string {
  const { judgement, service, signals } = look;
  const [origin] = judgement.origins;
  const kinds = judgement.kinds;
  const metric = (kind: string): string =>
    signals.metrics?.signals.find((one) => one.kind === kind && one.score >= 0.35)?.text ?? '';
  if (signals.metrics?.signals.some((one) => one.kind === 'down' && one.score >= 0.35))
    return `${service} is down or keeps restarting (${metric('down')})`;
  const leak = kinds.get('descriptor-leak') ?? 0;
  const memory = kinds.get('memory-leak') ?? 0;
  const strongest = Math.max(
    0,
    ...[...kinds].filter(([kind]) => !kind.endsWith('leak')).map(([, weight]) => weight),
  );
  if (leak >= 0.6 && origin === undefined)
    return `${service} leaks file descriptors (${metric('descriptor-leak')})`;
  if (memory >= 0.6 && origin === undefined && strongest < 0.9)
    return `${service} keeps growing in memory (${metric('memory-leak')})`;
  const answer = judgement.troubled.find((one) => one.newSuccesses.length > 0);
  if (answer !== undefined)
    return `${service} answers ${answer.operation} with ${answer.newSuccesses.join(', ')}, which its callers do not expect,`;
  if (origin !== undefined && judgement.own > 0.2 && !judgement.slow) {
    const text = origin.text === null ? logText(look) : shorten(origin.text);
    const why = [origin.status === null ? null : String(origin.status), text === null ? null : `"${text}"`];
    const because = why.filter((part) => part !== null).join(', ');
    const tail = because === '' ? '' : ` (${because})`;
    if (origin.kind === 'rejected' && origin.service === service)
      return `${service} refuses ${origin.operation}${tail}`;
    if (origin.service !== service) return `${service}'s calls to ${origin.service} go wrong${tail}`;
    if (origin.kind === 'gave-up') return `${service} gives up on ${origin.operation}${tail}`;
    if (origin.kind === 'slow') return `${service} answers ${origin.operation} too late${tail}`;
    if (origin.kind === 'unanswered') return `${service} does not answer ${origin.operation}${tail}`;
    return `${service} fails ${origin.operation}${tail}`;
  }
  const slow = judgement.troubled.find((one) => one.slowRise > 0.35);
  if (slow !== undefined) return `${service} is slow: ${saySlow(slow)}`;
  const [reason] = judgement.reasons;
  return `${service} is abnormal: ${reason ?? 'it alerted'}`;
}

export function sayCommit(ranked: RankedCommit): string {
  return `commit ${ranked.commit.sha.slice(0, 8)} (${ranked.commit.author}) ${ranked.change}`;
}

function logText(look: Omit<Look, 'evidence'>): string | null {
  const template = look.signals.logs?.templates[0];
  return template === undefined ? null : shorten(template.text);
}
