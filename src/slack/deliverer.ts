import type { WebClient } from '@slack/web-api';
import type { OutboxEntry, PlanView } from '../domain/room.ts';
import { explainError, WarroomError } from '../platform/errors.ts';
import { newId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import type { Links } from '../platform/signed-links.ts';
import type { ChartRenderer } from '../ports/chart-renderer.ts';
import type { Directory } from '../ports/directory.ts';
import type { Record } from '../ports/record.ts';
import { judgeFailure } from './call-failure.ts';
import { deliverEntry } from './delivery/deliver-entry.ts';
import { type Delivered, NotYet, type SlackCall, Undeliverable } from './delivery/delivery.ts';
import { callTimeoutMs } from './web-client.ts';

/**
 * Told when the card of a plan that waits is in the channel, whole: every block as it was made, and its file if it has one.
 * It comes at least once for each such plan, before the delivery counts as done: when it throws, the card is delivered
 * again. A crash or an edit after a restart may bring it twice.
 */
export type OnDelivered = (
  entry: OutboxEntry,
  at: { readonly channelId: string; readonly ts: string },
) => Promise<void>;

export interface DelivererOptions {
  readonly record: Record;
  readonly client: WebClient;
  readonly links: Links;
  readonly directory: Directory;
  /** Absent: the room goes without pictures. */
  readonly charts?: ChartRenderer;
  readonly botUserId: () => Promise<string>;
  readonly log: Log;
  readonly onDelivered?: OnDelivered;
  /** How many incidents are served at the same time; entries of one incident always go one after the other. */
  readonly lanes?: number;
  readonly pollMs?: number;
  /** How long an entry is ours; after a crash it waits this long for the next process. */
  readonly leaseMs?: number;
  /** First wait after an outage; doubles up to 60 times as much. */
  readonly backoffMs?: number;
  /** 0–1, for the jitter. */
  readonly random?: () => number;
}

export interface Deliverer {
  start(): void;
  /** Something was put: look now instead of at the next poll. */
  poke(): void;
  /** Finishes what is on its way and takes nothing new. */
  stop(): Promise<void>;
}

const operatorWaitMs = 30_000;
/** A failure that is not Slack's is ours: an entry that keeps causing it must not hold up its incident for ever. */
const ownFaultsMax = 8;
const toldMax = 10_000;

/** Brings the outbox to Slack: order kept within an incident, edits coalesced by version, nothing lost to an outage. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { record, log } = options;
  const lanes = options.lanes ?? 4;
  const pollMs = options.pollMs ?? 200;
  const leaseMs = options.leaseMs ?? 30_000;
  const backoffMs = options.backoffMs ?? 500;
  const random = options.random ?? Math.random;
  const owner = `deliverer-${newId()}`;
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const channelIds = new Map<string, string>();
  /** Digests of plans whose cards are known to be shown. */
  const told = new Set<string>();
  let running: Promise<void> | null = null;
  let wake = (): void => undefined;
  let poked = false;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const entry = inFlight.size < lanes ? await claim() : undefined;
      if (entry === undefined) {
        await idle();
        continue;
      }
      const work = deliver(entry).finally(() => {
        inFlight.delete(work);
        poke();
      });
      inFlight.add(work);
    }
    await Promise.all(inFlight);
  }

  async function claim(): Promise<OutboxEntry | undefined> {
    try {
      return await record.outbox.claim(owner, leaseMs);
    } catch (error) {
      log.warn({ reason: explainError(error) }, 'outbox cannot be read');
      return undefined;
    }
  }

  /** Until the next poll, a poke or a lane that came free. */
  async function idle(): Promise<void> {
    if (!poked) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    poked = false;
  }

  function poke(): void {
    poked = true;
    wake();
  }

  async function deliver(entry: OutboxEntry): Promise<void> {
    const entryLog = log.child({ incidentId: entry.incidentId, key: entry.key });
    try {
      const delivered = await attempt(entry, entryLog);
      await tell(entry, delivered);
      await record.outbox.delivered(entry.id, owner, entry.version, delivered.externalId);
    } catch (error) {
      // When the record is away too, the lease runs out and the entry is claimed again.
      await putBack(entry, error, entryLog).catch((failure: unknown) =>
        entryLog.warn({ reason: explainError(failure) }, 'outbox cannot be written'),
      );
    }
  }

  /** Only what can still be approved or stopped needs to have been seen. */
  async function tell(entry: OutboxEntry, { externalId, message }: Delivered): Promise<void> {
    const plan = waitingPlan(entry);
    if (options.onDelivered === undefined || plan === null || message?.whole !== true) return;
    if (externalId === null || told.has(plan.digest)) return;
    await options.onDelivered(entry, { channelId: message.channelId, ts: externalId });
    if (told.size >= toldMax) told.clear();
    told.add(plan.digest);
  }

  async function attempt(entry: OutboxEntry, entryLog: Log): Promise<Delivered> {
    const incident = await record.incidents.get(entry.incidentId);
    if (incident === undefined) throw new NotYet('The incident has no row.', 'Look at the record.');
    const lastStart = Date.now() + leaseMs - callTimeoutMs - 1000;
    const call: SlackCall = (work) => {
      if (Date.now() > lastStart)
        throw new NotYet('Slack is too slow for one lease.', 'It goes on by itself.');
      return work(options.client);
    };
    const { directory, links, botUserId } = options;
    const signal = AbortSignal.timeout(leaseMs);
    return deliverEntry({
      entry,
      incident,
      call,
      record,
      links,
      directory,
      charts: options.charts ?? null,
      channelIds,
      botUserId,
      log: entryLog,
      signal,
    });
  }

  async function putBack(entry: OutboxEntry, error: unknown, entryLog: Log): Promise<void> {
    const failure = judgeFailure(error);
    const reason = explainError(error);
    if (failure?.kind === 'wait') {
      entryLog.info({ retryAfterMs: failure.retryAfterMs }, 'Slack asks to wait');
      return record.outbox.postpone(
        entry.id,
        owner,
        failure.retryAfterMs + Math.round(random() * 250),
        'rate limited',
      );
    }
    if (failure?.kind === 'operator' || (failure?.kind === 'refused' && entry.item.type === 'channel')) {
      entryLog.error(
        { code: failure.code },
        'Slack refuses this installation; check the bot token and scopes against manifests/slack-app.yaml',
      );
      return record.outbox.postpone(entry.id, owner, operatorWaitMs, failure.code);
    }
    if (failure?.kind === 'refused') {
      entryLog.error({ reason: failure.reason }, 'Slack refuses a message for good');
      return record.outbox.giveUp(entry.id, owner, failure.reason);
    }
    if (error instanceof Undeliverable) {
      entryLog.error({ reason }, 'announcement is given up');
      return record.outbox.giveUp(entry.id, owner, reason);
    }
    const passing = failure !== undefined || (error instanceof WarroomError && error.retryable);
    if (!passing && entry.attempts >= ownFaultsMax) {
      entryLog.error({ err: error }, 'message cannot be made and is given up');
      return record.outbox.giveUp(entry.id, owner, reason);
    }
    const waitMs = backoffMs * 2 ** Math.min(entry.attempts, 5) * (0.5 + random());
    entryLog.warn({ reason, waitMs: Math.round(waitMs) }, 'delivery to Slack failed, will be tried again');
    return record.outbox.postpone(entry.id, owner, Math.round(waitMs), reason);
  }

  return {
    start: () => {
      running ??= run();
    },
    poke,
    stop: async () => {
      stopping.abort();
      poke();
      await running;
    },
  };
}

function waitingPlan({ item }: OutboxEntry): PlanView | null {
  if (item.type !== 'message' || item.view.view !== 'plan') return null;
  return item.view.state === 'pending' || item.view.state === 'announced' ? item.view : null;
}
