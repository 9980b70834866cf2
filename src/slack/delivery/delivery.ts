import type { WebClient } from '@slack/web-api';
import type { Incident } from '../../domain/incident.ts';
import type { OutboxEntry } from '../../domain/room.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Links } from '../../platform/signed-links.ts';
import type { ChartRenderer } from '../../ports/chart-renderer.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Record } from '../../ports/record.ts';

/** Calls Slack while the lease on the entry lasts; refuses to begin a call that might outlive it. */
export type SlackCall = <T>(work: (client: WebClient) => Promise<T>) => Promise<T>;

/** One outbox entry on its way to Slack. */
export interface Delivery {
  readonly entry: OutboxEntry;
  readonly incident: Incident;
  readonly call: SlackCall;
  readonly record: Record;
  readonly links: Links;
  readonly directory: Directory;
  /** Null: the room goes without pictures. */
  readonly charts: ChartRenderer | null;
  /** Ids of other channels by name, as they were found. */
  readonly channelIds: Map<string, string>;
  /** Our own user id in Slack. */
  readonly botUserId: () => Promise<string>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The lease is nearly over, or something that must come first is not there yet: try again later. */
export class NotYet extends WarroomError {
  readonly code = 'not_yet';
  override readonly retryable = true;
}

/** Waiting would not help, and what comes behind it must not wait. */
export class Undeliverable extends WarroomError {
  readonly code = 'undeliverable';
}

/** Where an entry is now. */
export interface Delivered {
  /** Slack's id of what exists: a message's `ts`, a channel's or a bookmark's id. */
  readonly externalId: string | null;
  /** Set for a message. */
  readonly message: { readonly channelId: string; readonly whole: boolean } | null;
}

/** True when an earlier attempt may have reached Slack without our having recorded it; `attempts` counts this one too. */
export function mayHaveHappened(entry: OutboxEntry): boolean {
  return entry.externalId === null && entry.attempts > 1;
}

export function channelOf(delivery: Delivery): string {
  const { channelId, channelName } = delivery.incident;
  if (channelId !== null) return channelId;
  throw new NotYet(`The channel ${channelName} does not exist yet.`, 'It is created first; nothing to do.');
}
