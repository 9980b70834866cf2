import { type AttackClass, inTurns, pick, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { startSecondProcess } from '../second-process.ts';
import { who } from '../world.ts';

/** A race has one winner; the ledger then allows what the winner may have. */
const approveAndReject: AttackClass = {
  name: 'approved-and-rejected-at-one-moment',
  breaks: 'once',
  tries: 24,
  run: (run) =>
    siege(run, {
      perPlan: 1,
      restore: 'never',
      async attack(scene, turn) {
        const { ledger } = run.arena;
        ledger.allow(scene.plan.id, 'do');
        const clicks = [
          () => scene.click(who.ana),
          () => scene.reject(who.bea),
          () => scene.click(who.dot),
          () => scene.reject(who.ana),
        ];
        await Promise.all((turn % 2 === 0 ? clicks : clicks.reverse()).map((click) => click()));
        await run.arena.quiet(scene.plan.id);
        // Whoever rejected it and was not refused has been told that nothing will be changed.
        if (await saysRejected(scene)) ledger.forbid(scene.plan.id);
        await scene.run();
        await scene.run();
        ledger.forbid(scene.plan.id);
      },
    }),
};

async function saysRejected(scene: Scene): Promise<boolean> {
  const told = await scene.flow.record.timeline.ofIncident(scene.plan.incidentId);
  return told.some((entry) => entry.kind === 'plan.rejected');
}

/** Two servers on one database, as an installation has them, and a hundred clicks between them. */
const hundredClicks: AttackClass = {
  name: 'hundred-clicks-over-two-processes',
  breaks: 'once',
  tries: 240,
  async run(run) {
    const second = await startSecondProcess(run.arena);
    try {
      const each = Math.min(100, run.times);
      await inTurns(Math.max(1, Math.floor(run.times / each)), 1, async () => {
        const scene = await run.stage();
        run.attempts += each - 1;
        run.arena.ledger.allow(scene.plan.id, 'do');
        await run.legit(async () => {
          await Promise.all(
            Array.from({ length: each }, (_, turn) => {
              const by = pick([who.ana, who.bea, who.dot], turn >> 1);
              return turn % 2 === 0 ? scene.click(by) : second.door.click('approve', by, scene.value);
            }),
          );
          await run.arena.quiet(scene.plan.id);
          await second.quiet();
          await Promise.all([
            scene.run(),
            second.work(scene.plan.incidentId),
            scene.run(),
            second.work(scene.plan.incidentId),
          ]);
          return run.arena.ledger.count(scene.plan.id, 'do') === 1;
        });
      });
    } finally {
      await second.stop();
    }
  },
};

/** A process whose clock is wrong; the database's decides. Both ways: too late must stay too late, in time stay in time. */
function wrongClock(name: string, aheadMinutes: number): AttackClass {
  return {
    name,
    breaks: 'in-time',
    tries: 20,
    async run(run) {
      const second = await startSecondProcess(run.arena, { aheadMinutes });
      try {
        const age = (scene: Scene, column: string, table: string, minutes: number): Promise<void> =>
          run.arena.tamper(
            `update ${table} set ${column} = clock_timestamp() - $2::float8 * interval '1 minute' where ${table === 'plans' ? 'id' : 'plan_id'} = $1`,
            [scene.plan.id, minutes],
          );
        await inTurns(Math.ceil(run.times / 2), 4, async (turn) => {
          run.attempts += 2;
          const expired = await run.stage();
          await age(expired, 'expires_at', 'plans', 1);
          await second.door.click('approve', who.ana, expired.value);
          const stale = await run.stage();
          await stale.click(who.ana);
          await run.arena.quiet(stale.plan.id);
          await age(stale, 'at', 'approvals', 6);
          await second.quiet();
          await second.work(expired.plan.incidentId);
          await second.work(stale.plan.incidentId);
          if (turn % 5 !== 0 || !run.control) return;
          const fine = await run.stage();
          await run.legit(async () => {
            run.arena.ledger.allow(fine.plan.id, 'do');
            await second.door.click('approve', who.ana, fine.value);
            await second.quiet();
            await second.work(fine.plan.incidentId);
            return run.arena.ledger.count(fine.plan.id, 'do') === 1;
          });
        });
      } finally {
        await second.stop();
      }
    },
  };
}

export const races: readonly AttackClass[] = [
  approveAndReject,
  hundredClicks,
  wrongClock('clock-of-the-process-behind', -10),
  wrongClock('clock-of-the-process-ahead', 10),
];
