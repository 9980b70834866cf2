import type { V1ObjectMeta } from '@kubernetes/client-node';
import { isRunning, type ProcessIdentity } from '../../../platform/process-identity.ts';
import type { SandboxSpec } from '../../../ports/sandbox.ts';

const prefix = 'sandbox.warroom.dev';

/** On jobs and pods alike; network policies may select by it. */
export const sandboxMark = { [`${prefix}/mark`]: '1' } as const;
export const sandboxSelector = `${prefix}/mark=1`;

const owner = { host: `${prefix}/owner-host`, pid: `${prefix}/owner-pid` } as const;
const expires = `${prefix}/expires`;
const notes = {
  host: `${prefix}/owner-host-name`,
  start: `${prefix}/owner-start`,
  incident: `${prefix}/incident`,
  service: `${prefix}/service`,
} as const;

export interface SandboxOwner extends ProcessIdentity {
  readonly host: string;
}

/** What the sweep decides by, and what a person wants to read. Label values take few characters, annotations take any. */
export function describeOwner(
  { host, pid, startedAt }: SandboxOwner,
  { incidentId, service }: SandboxSpec,
  expiresAt: Date,
): { labels: Record<string, string>; annotations: Record<string, string> } {
  return {
    labels: {
      ...sandboxMark,
      [owner.host]: toLabel(host),
      [owner.pid]: String(pid),
      // Seconds of Unix time: a label takes no colon.
      [expires]: String(Math.ceil(expiresAt.getTime() / 1000)),
    },
    annotations: {
      [notes.host]: host,
      [notes.start]: startedAt,
      [notes.incident]: incidentId,
      [notes.service]: service,
    },
  };
}

/** Only its own machine can tell whether an owner is alive; the others wait for the expiry. */
export function isOrphan({ labels = {}, annotations = {} }: V1ObjectMeta, host: string, now: Date): boolean {
  if (!(Number(labels[expires]) * 1000 > now.getTime())) return true;
  if (annotations[notes.host] !== host) return false;
  return !isRunning({ pid: Number(labels[owner.pid]), startedAt: annotations[notes.start] ?? '' });
}

function toLabel(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
