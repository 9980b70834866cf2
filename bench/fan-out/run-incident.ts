import type { Outcome, RootCause } from '../../src/domain/root-cause.ts';
import { until } from '../../test/support/server-process.ts';
import { openShop } from '../../test/support/shop-house.ts';
import { type Account, accountFor } from './account.ts';
import { workAsEngineer } from './engineer.ts';
import type { Scenario } from './scenarios.ts';
import { openWire } from './wire.ts';

/** How long each answer of the stand-in takes: a model thinks for longer, and its turns are what the time goes into. */
const answerMs = 1_000;

export interface Run extends Account {
  readonly right: boolean;
  readonly outcome: Outcome;
  /** From the alert being taken in to the root cause, by the record. */
  readonly seconds: number;
}

/** One whole incident: the bot as it is run, and what its agents sent. */
export async function runIncident(scenario: Scenario, agents: 'several' | 'single'): Promise<Run> {
  const shop = await openShop({
    fault: scenario.fault,
    telemetry: scenario.play(),
    script: workAsEngineer,
    policy: { investigation: { agents } },
  });
  const wire = await openWire(shop.claude.url, answerMs);
  try {
    await shop.start({ ANTHROPIC_BASE_URL: wire.url });
    await shop.alert(scenario.alert);
    const rootCause = await shop.rootCause();
    const incident = await until('the incident', async () => (await shop.record.incidents.recent(1))[0]);
    const investigations = await shop.record.investigations.ofIncident(incident.id);
    // The evidence engine answers where the model cannot be asked: that would compare nothing.
    const silent = investigations.find((one) => one.role === 'suspect' && one.investigator !== 'claude');
    if (silent !== undefined)
      throw new Error(
        `${scenario.name}: the stand-in was not heard on ${silent.service}: ${silent.limits.join(' ')}`,
      );
    return {
      ...accountFor(wire.sent),
      right: isRight(rootCause, { service: scenario.service, commit: shop.commit }),
      outcome: rootCause.outcome,
      seconds: (rootCause.at.getTime() - incident.openedAt.getTime()) / 1000,
    };
  } finally {
    await wire.close();
    await shop.close();
  }
}

/** The service and its commit; where nothing is broken, that nobody is blamed. */
export function isRight(
  { outcome, service, commit }: Pick<RootCause, 'outcome' | 'service' | 'commit'>,
  fault: { readonly service: string | null; readonly commit: string },
): boolean {
  if (fault.service === null) return outcome === 'inconclusive' && commit === null;
  return outcome !== 'inconclusive' && service === fault.service && commit?.sha === fault.commit;
}
