import { randomBytes } from 'node:crypto';
import { type AttackClass, inTurns, pick, type Run, type Siege, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { who } from '../world.ts';

/** A plan that was rightfully done; taking it back is an effect too. */
function takingBack(
  name: string,
  tries: number,
  attack: Siege['attack'],
  prepare?: (scene: Scene, run: Run) => Promise<void>,
): AttackClass {
  return {
    name,
    breaks: 'undo',
    tries,
    run: (run) =>
      siege(run, {
        restore: 'never',
        async prepare(scene) {
          await run.legit(() => scene.approveAndRun());
          await prepare?.(scene, run);
        },
        attack,
        // Those who may can: the plan was one that could be taken back.
        async after(scene) {
          await scene.run();
          if (!run.control || (await scene.state()) !== 'executed') return;
          scene.world.failure = 'none';
          scene.world.groups.set('@owners', [who.ana, who.bea]);
          await run.legit(async () => {
            await scene.undo(who.bea);
            await scene.arena.quiet(scene.plan.id);
            run.arena.ledger.allow(scene.plan.id, 'undo');
            await scene.run();
            return run.arena.ledger.count(scene.plan.id, 'undo') === 1;
          });
        },
      }),
  };
}

const undoCarrying = (scene: Scene, change: object): string =>
  JSON.stringify({ ...(JSON.parse(scene.metadata) as object), ...change });

/** Runs alone in its arena: a halt is everybody's. */
async function halt(run: Run): Promise<void> {
  run.arena.route(who.tom, run.arena.flow);
  await run.arena.door.command(who.tom, 'C1', 'halt something is very wrong');
  await run.arena.quiet(who.tom);
}

async function lift({ arena }: Pick<Run, 'arena'>, by: string): Promise<void> {
  await arena.door.command(by, 'C1', 'lift all is well');
  await arena.quiet(by);
}

/** One plan at a time, while everything is halted; afterwards whoever may lifts it, and the plan is run rightfully. */
function halted(
  name: string,
  tries: number,
  attack: Siege['attack'],
  more: Pick<Siege, 'prepare'> & { readonly approvedBefore?: boolean } = {},
): AttackClass {
  return {
    name,
    breaks: 'halted',
    tries,
    run: (run) =>
      inTurns(Math.ceil(run.times / 20), 1, async (turn) => {
        const scene = await run.stage();
        await more.prepare?.(scene, run);
        await halt(run);
        const attempts = Math.min(20, run.times - turn * 20);
        run.attempts += attempts;
        await Promise.all(Array.from({ length: attempts }, (_, each) => attack(scene, each)));
        await run.arena.quiet(scene.plan.id);
        await scene.run();
        await lift(run, who.max);
        if (!run.control) return;
        await run.legit(async () => {
          if (more.approvedBefore !== true) return await scene.approveAndRun();
          run.arena.ledger.allow(scene.plan.id, 'do');
          await scene.run();
          return run.arena.ledger.count(scene.plan.id, 'do') === 1;
        });
      }),
  };
}

export const undo: readonly AttackClass[] = [
  takingBack('undone-by-a-stranger', 50, (scene, turn) =>
    scene.undo(pick([who.sam, who.eva, who.gil, who.max], turn)),
  ),
  takingBack(
    'undone-by-who-has-left-the-group',
    40,
    (scene) => scene.undo(who.ana),
    async (scene) => void scene.world.groups.set('@owners', [who.bea]),
  ),
  takingBack('undone-with-another-button', 40, (scene, turn) =>
    scene.undo(
      who.ana,
      undoCarrying(
        scene,
        pick(
          [{ nonce: randomBytes(16).toString('hex') }, { digest: 'a'.repeat(64) }, { planId: 'p1' }],
          turn,
        ),
      ),
    ),
  ),
  takingBack(
    'undone-while-nobody-can-say-who',
    40,
    (scene) => scene.undo(who.ana),
    async (scene) => {
      scene.world.failure = 'down';
    },
  ),
  {
    name: 'undone-more-than-once',
    breaks: 'once',
    tries: 60,
    run: (run) =>
      siege(run, {
        perPlan: 20,
        restore: 'never',
        async prepare(scene) {
          await run.legit(() => scene.approveAndRun());
          run.arena.ledger.allow(scene.plan.id, 'undo');
        },
        async attack(scene, turn) {
          await scene.undo(pick([who.ana, who.bea, who.dot], turn));
          await scene.run();
        },
      }),
  },
];

export const halts: readonly AttackClass[] = [
  halted('approved-while-halted', 60, (scene, turn) =>
    turn % 2 === 0 ? scene.click(who.ana) : scene.breakGlass(who.gil),
  ),
  halted('halted-between-click-and-run', 40, (scene) => scene.run(), {
    approvedBefore: true,
    async prepare(scene) {
      await scene.click(who.ana);
      await scene.arena.quiet(scene.plan.id);
    },
  }),
  halted('halt-lifted-by-who-may-not', 60, async (scene, turn) => {
    await lift(scene, pick([who.sam, who.ana, who.tom, who.gil], turn));
    await scene.click(who.ana);
  }),
];
