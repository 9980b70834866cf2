import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowContext } from '../../src/flow/context.ts';
import { advance } from '../../src/flow/index.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createSlackApp } from '../../src/slack/app.ts';
import { flowOn, noQueue } from '../flow-on.ts';
import { actionsOf, arenaPolicy, botToken, listen, services, signingSecret } from './arena.ts';
import { Ledger } from './ledger.ts';
import type { FromSecond, SecondArgs, ToSecond } from './second-process.ts';
import { createTarget } from './target.ts';
import { World } from './world.ts';

const say = (said: FromSecond): void => void process.send?.(said);

/** A Warroom without a deliverer: it takes clicks and works. */
export async function serve(args: SecondArgs): Promise<void> {
  const ledger = new Ledger();
  ledger.record = (effect) => say({ is: 'effect', ...effect });
  const { flow } = await flowOn(args.databaseUrl, {
    catalogue: { services, clusters: [] },
    policy: arenaPolicy,
    remedies: createTarget(ledger).remedies,
    directory: new World(),
    queue: noQueue,
  });
  const busy = new Map<string, number>();
  const app = createSlackApp({
    config: { botToken, signingSecret, appToken: null, apiUrl: args.slackApiUrl },
    record: flow.record,
    links: flow.links,
    catalogue: flow.catalogue,
    policy: flow.policy,
    log: silentLog,
    actions: actionsOf(() => flow, busy),
  });
  const { origin } = await listen(app);
  process.on('disconnect', () => process.exit());
  // Answered in the order in which they came.
  let before: Promise<void> = Promise.resolve();
  process.on('message', (order: ToSecond) => {
    const obeyed = obey(flow, busy, order);
    before = before.then(() => obeyed).then(() => say({ is: 'done' }));
  });
  say({ is: 'open', url: `${origin}/slack/events` });
}

async function obey(flow: FlowContext, busy: ReadonlyMap<string, number>, order: ToSecond): Promise<void> {
  switch (order.do) {
    case 'work': {
      const incident = await flow.record.incidents.get(order.incidentId);
      if (incident?.stage === 'execution') {
        await advance(flow, 'execution', order.incidentId, AbortSignal.timeout(60_000)).catch(
          () => undefined,
        );
      }
      return;
    }
    case 'quiet': {
      let calm = 0;
      while (calm < 3) {
        await sleep(5);
        calm = [...busy.values()].every((count) => count === 0) ? calm + 1 : 0;
      }
      return;
    }
    case 'stop':
      return process.exit(0);
    default:
      return order satisfies never;
  }
}
