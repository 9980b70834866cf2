import { flushCompileCache } from 'node:module';
import { openFlow } from '../../test/support/flow-fixture.ts';
import { nobodyKnows } from '../../test/support/war-room.ts';
import { type CarriedOut, carryOut, goOn } from './carry-out.ts';
import { openJournalWorld } from './journal-world.ts';
import type { Order, Place, Reply } from './run.ts';

/** A process that is started to end by SIGKILL at one of its calls; before that, it may go on with what another left. */
const place = JSON.parse(process.argv[2] ?? '{}') as Place;
const { flow } = await openFlow({
  databaseUrl: place.recordUrl,
  investigator: nobodyKnows,
  policy: { verificationTimeoutSeconds: 1, verificationIntervalSeconds: 0.05 },
});
const world = openJournalWorld(place.effectsUrl, place.flaw);

process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  void follow(order).then(say, (error: unknown) =>
    say({ said: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// By itself Node writes at exit, and none of these processes gets there.
flushCompileCache();
say({ said: 'ready' });

async function follow(order: Order): Promise<Reply> {
  if (order.do === 'go-on') return { said: 'outcome', outcome: await goOn(flow, world, place, order.run) };
  const { calls }: CarriedOut = await carryOut(flow, world, order.run, () => {
    process.kill(process.pid, 'SIGKILL');
  });
  return { said: 'lived', calls };
}

function say(reply: Reply): void {
  process.send?.(reply);
}
