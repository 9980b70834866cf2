import { readlinkSync } from 'node:fs';
import os from 'node:os';
import { isRunning, ownProcess, type ProcessIdentity } from '../../../../platform/process-identity.ts';

const prefix = 'dev.warroom.sandbox';

export const sandboxLabels = {
  mark: prefix,
  ownerHost: `${prefix}.owner-host`,
  ownerPid: `${prefix}.owner-pid`,
  ownerStart: `${prefix}.owner-start`,
  expires: `${prefix}.expires`,
} as const;

/** A process of a machine, as its containers' labels name it. */
export interface Owner extends ProcessIdentity {
  readonly host: string;
}

export function ownOwner(): Owner {
  return { host: ownHost(), ...ownProcess() };
}

export function labelsFor(owner: Owner, expires: Date): Record<string, string> {
  return {
    [sandboxLabels.mark]: '1',
    [sandboxLabels.ownerHost]: owner.host,
    [sandboxLabels.ownerPid]: String(owner.pid),
    [sandboxLabels.ownerStart]: owner.startedAt,
    [sandboxLabels.expires]: expires.toISOString(),
  };
}

/** Nobody will ask for it again: its time is over, or its owner is dead. */
export function isOrphan(labels: Readonly<Record<string, string>>, host = ownHost()): boolean {
  const expires = Date.parse(labels[sandboxLabels.expires] ?? '');
  if (!(expires > Date.now())) return true;
  // Only who sees the same processes can tell whether an owner is alive; the others wait for the expiry.
  if (labels[sandboxLabels.ownerHost] !== host) return false;
  return !isRunning({
    pid: Number(labels[sandboxLabels.ownerPid]),
    startedAt: labels[sandboxLabels.ownerStart] ?? '',
  });
}

/** Two containers of the same host name on one engine have process ids of their own. */
function ownHost(): string {
  try {
    return `${os.hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return os.hostname();
  }
}
