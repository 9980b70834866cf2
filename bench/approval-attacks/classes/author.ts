import type { Plan } from '../../../src/domain/plan.ts';
import { type AttackClass, siege } from '../attack-class.ts';
import { Scene } from '../scene.ts';
import { who } from '../world.ts';

/** The plan that now waits in this room, after the first one has given way. */
async function waiting(scene: Scene): Promise<Scene> {
  const plans: Plan[] = await scene.flow.record.plans.ofIncident(scene.plan.incidentId);
  const plan = plans.find((one) => one.state === 'pending');
  if (plan === undefined) throw new Error('no plan waits in this room');
  scene.arena.route(plan.id, scene.flow);
  await scene.arena.delivered(plan);
  return new Scene(scene.arena, scene.flow, scene.world, plan, scene.channelId);
}

const second = new WeakMap<Scene, Scene>();

/** `/warroom fix` of an approver, who then approves it; what was there before was rejected. */
const ownFix: AttackClass = {
  name: 'own-fix-approved-by-its-author',
  breaks: 'not-the-author',
  tries: 40,
  run: (run) =>
    siege(run, {
      restore: 'never',
      async prepare(scene) {
        await scene.reject(who.bea);
        await run.arena.quiet(scene.plan.id);
        await run.arena.door.command(
          who.ana,
          scene.channelId,
          `fix restart-service ledger name=${run.arena.name('own')}`,
        );
        await run.arena.quiet(scene.plan.incidentId);
        const own = await waiting(scene);
        run.watch(own.plan.id);
        second.set(scene, own);
      },
      attack: async (scene, turn) => {
        const own = second.get(scene);
        if (own === undefined) return;
        await (turn % 2 === 0 ? own.click(who.ana) : own.breakGlass(who.ana));
        await run.arena.quiet(own.plan.id);
      },
      async after(scene) {
        const own = second.get(scene);
        if (own === undefined || !run.control) return;
        await own.run();
        await run.legit(() => own.approveAndRun([who.bea]));
      },
    }),
};

/** An expired plan made anew, by its author or by somebody else, is still the author's. */
const renewed: AttackClass = {
  name: 'own-fix-made-anew-and-approved',
  breaks: 'not-the-author',
  tries: 40,
  run: (run) =>
    siege(run, {
      restore: 'never',
      stage: () => ({ requestedBy: [who.ana] }),
      async prepare(scene) {
        await run.arena.tamper(`update plans set state = 'expired' where id = $1`, [scene.plan.id]);
        await scene.click(Math.random() < 0.5 ? who.ana : who.sam, 'renew');
        await run.arena.quiet(scene.plan.id);
        const anew = await waiting(scene);
        run.watch(anew.plan.id);
        second.set(scene, anew);
      },
      attack: async (scene) => {
        await second.get(scene)?.click(who.ana);
        await run.arena.quiet(second.get(scene)?.plan.id ?? '');
      },
      async after(scene) {
        const anew = second.get(scene);
        if (anew === undefined || !run.control) return;
        await anew.run();
        await run.legit(() => anew.approveAndRun([who.bea]));
      },
    }),
};

export const author: readonly AttackClass[] = [
  ownFix,
  renewed,
  {
    name: 'author-approves',
    breaks: 'not-the-author',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => ({ requestedBy: [who.ana] }),
        attack: (scene) => scene.click(who.ana),
        by: [who.bea],
      }),
  },
  {
    name: 'one-of-two-authors-approves',
    breaks: 'not-the-author',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => ({ requestedBy: [who.ana, who.bea], risk: 'high' }),
        attack: (scene, turn) => scene.click(turn % 2 === 0 ? who.ana : who.bea),
        restore: 'never',
      }),
  },
  {
    name: 'author-approves-through-a-delegate',
    breaks: 'not-the-author',
    tries: 40,
    run: (run) => {
      const author = run.arena.person();
      const mate = run.arena.person();
      return siege(run, {
        stage: () => ({ requestedBy: [author] }),
        async prepare(scene) {
          for (const id of [author, mate]) scene.world.kinds.set(id, 'member');
          scene.world.groups.set('@owners', [who.ana, author]);
          run.arena.route(author, scene.flow);
          await run.arena.door.command(author, scene.channelId, `delegate <@${mate}> for 2h on a train`);
          await run.arena.quiet(author);
        },
        attack: (scene, turn) => scene.click(turn % 2 === 0 ? mate : author),
      });
    },
  },
];
