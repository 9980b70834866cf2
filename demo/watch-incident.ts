import { setTimeout as sleep } from 'node:timers/promises';
import type { BotProcess, IncidentOnWire } from './bot-process.ts';
import { DemoError } from './shop/demo-error.ts';

/** Follows the record of the bot; every wait has an end and says what it waited for. */
export interface IncidentWatch {
  /** The first incident opened after the fault. */
  opened(timeoutMs: number): Promise<IncidentOnWire>;
  until(
    what: string,
    condition: (file: IncidentOnWire) => boolean,
    timeoutMs: number,
  ): Promise<IncidentOnWire>;
}

const pollMs = 250;

export function watchIncident(bot: BotProcess, signal: AbortSignal): IncidentWatch {
  let id: string | null = null;
  const until: IncidentWatch['until'] = async (what, condition, timeoutMs) => {
    const deadlineMs = Date.now() + timeoutMs;
    let last: IncidentOnWire | null = null;
    while (Date.now() < deadlineMs) {
      signal.throwIfAborted();
      id ??= (await bot.incidents()).at(-1)?.id ?? null;
      if (id !== null) {
        last = await bot.incident(id);
        if (condition(last)) return last;
      }
      await sleep(pollMs, undefined, { signal });
    }
    const where =
      last === null ? 'no incident was opened' : `the incident is at stage "${last.incident.stage}"`;
    throw new DemoError(
      'too_slow',
      `${what}: not within ${timeoutMs / 1000} s (${where})`,
      `See ${bot.logFile}.`,
    );
  };
  return { until, opened: (timeoutMs) => until('an alert opens an incident', () => true, timeoutMs) };
}
