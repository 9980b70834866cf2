import { setTimeout as sleep } from 'node:timers/promises';
import type { BotProcess, IncidentOnWire } from './bot-process.ts';

const pollMs = 250;

/** What the record says of the incident that the fault opened, again and again; null while there is none. */
export async function* watchIncident(
  bot: BotProcess,
  faultAt: Date,
  signal: AbortSignal,
): AsyncGenerator<IncidentOnWire | null> {
  let id: string | null = null;
  for (;;) {
    signal.throwIfAborted();
    id ??= firstSince(await bot.incidents(), faultAt);
    yield id === null ? null : await bot.incident(id);
    await sleep(pollMs, undefined, { signal });
  }
}

/** A hiccup of the machine may have opened and closed an incident before the fault; one still open takes its alerts. */
function firstSince(newestFirst: readonly IncidentOnWire['incident'][], faultAt: Date): string | null {
  const since = newestFirst.filter(
    (one) => Date.parse(one.openedAt) >= faultAt.getTime() || one.resolvedAt === null,
  );
  return since.at(-1)?.id ?? null;
}
