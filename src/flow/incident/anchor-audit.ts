import { type Anchor, sayAnchor } from '../../domain/audit-anchor.ts';
import { systemStream } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';

/** How old the newest anchor may become. */
export const anchorEveryMs = 60 * 60_000;

/**
 * Hourly and at the end of each incident, the ends of all timelines in one digest, told to where the database's owner cannot reach: the log and the audit
 * channel. What was tampered with is told there as well.
 */
export async function anchorAudit(flow: FlowContext, minAgeMs: number): Promise<void> {
  const { anchor, alarms } = await flow.audit.anchor(minAgeMs);
  if (anchor !== null) {
    flow.log.info({ anchor: anchor.number, digest: anchor.digest }, sayAnchor(anchor));
    await tell(flow, `anchor:${anchor.number}`, 'info', `🔏 ${sayAnchor(anchor)}`);
  }
  for (const alarm of alarms) {
    flow.log.error({ alarm }, 'the audit does not hold');
    await tell(
      flow,
      `audit-alarm:${alarm.stream ?? 'all'}:${alarm.fault}`,
      'bad',
      textOf(alarm.text, anchor),
    );
  }
}

function textOf(alarm: string, anchor: Anchor | null): string {
  const since = anchor === null ? '' : ` Anchor ${anchor.number} does not cover it.`;
  return `🚨 The audit does not hold: ${alarm}${since} Run \`npm run warroom -- audit verify\`.`;
}

async function tell(flow: FlowContext, key: string, tone: 'info' | 'bad', text: string): Promise<void> {
  const channel = flow.policy.auditChannel;
  if (channel === null) return;
  await flow.record.outbox.put(systemStream, key, {
    type: 'message',
    channel,
    view: { view: 'notice', tone, text },
  });
}
