import type { Run } from '../attack-class.ts';
import { type AttackClass, pick, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { World, who } from '../world.ts';

/** People whom no other scene knows, since delegations are everybody's. */
function cast(run: Run): { world: World; giver: string; taker: string; third: string } {
  const world = new World();
  const [giver, taker, third] = [run.arena.person(), run.arena.person(), run.arena.person()];
  for (const id of [giver, taker, third]) world.kinds.set(id, 'member');
  world.groups.set('@owners', [who.ana, who.bea, giver]);
  return { world, giver, taker, third };
}

type Cast = ReturnType<typeof cast>;
const casts = new WeakMap<World, Cast>();

const castOf = (scene: Scene): Cast => {
  const found = casts.get(scene.world);
  if (found === undefined) throw new Error('this scene has no cast');
  return found;
};

function withCast(run: Run, more: object = {}) {
  const made = cast(run);
  casts.set(made.world, made);
  return { world: made.world, ...more };
}

/** Through the same command that people type. */
async function handOver(scene: Scene, from: string, to: string, forHours = '2h'): Promise<void> {
  scene.arena.route(from, scene.flow);
  await scene.arena.door.command(from, scene.channelId, `delegate <@${to}> for ${forHours} on a train`);
  await scene.arena.quiet(from);
}

function delegation(
  name: string,
  prepare: (scene: Scene, people: Cast) => Promise<void>,
  by: (people: Cast, turn: number) => string,
  risk: 'medium' | 'high' = 'medium',
): AttackClass {
  return {
    name,
    breaks: risk === 'high' ? 'enough-people' : 'right-person',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => withCast(run, { risk }),
        prepare: (scene) => prepare(scene, castOf(scene)),
        attack: (scene, turn) => scene.click(by(castOf(scene), turn)),
        // Whoever has clicked already is one of the two: the plan then needs one more, and who it is must not be theirs.
        by: risk === 'high' ? [who.ana, who.bea] : [who.ana],
      }),
  };
}

const age = (scene: Scene, column: 'until' | 'at', from: string, by: string): Promise<void> =>
  scene.arena.tamper(`update delegations set ${column} = ${column} - $1::interval where "from" = $2`, [
    by,
    from,
  ]);

export const enoughPeople: readonly AttackClass[] = [
  delegation(
    'delegation-that-has-ended',
    async (scene, { giver, taker }) => {
      await handOver(scene, giver, taker);
      await age(scene, 'until', giver, '3 hours');
    },
    ({ taker }) => taker,
  ),
  delegation(
    'delegation-taken-back',
    async (scene, { giver, taker }) => {
      await handOver(scene, giver, taker);
      await scene.arena.door.command(giver, scene.channelId, 'delegate off');
      await scene.arena.quiet(giver);
    },
    ({ taker }) => taker,
  ),
  delegation(
    'delegation-handed-on',
    async (scene, { giver, taker, third }) => {
      await handOver(scene, giver, taker);
      await handOver(scene, taker, third);
      // Also when the second one got into the table somehow.
      await scene.arena.tamper(
        `insert into delegations (id, "from", "to", reason, at, until) values ($1, $2, $3, 'x', now(), now() + interval '1 hour')`,
        [`chain-${taker}`, taker, third],
      );
    },
    ({ third }) => third,
  ),
  delegation(
    'delegation-of-nobody',
    (scene, { taker, third }) => handOver(scene, taker, third),
    ({ third }) => third,
  ),
  delegation(
    'delegation-of-who-left-the-group',
    async (scene, { giver, taker }) => {
      await handOver(scene, giver, taker);
      scene.world.groups.set('@owners', [who.ana, who.bea]);
    },
    ({ taker }) => taker,
  ),
  delegation(
    'delegation-of-who-left-the-company',
    async (scene, { giver, taker }) => {
      await handOver(scene, giver, taker);
      scene.world.kinds.set(giver, 'deactivated');
    },
    ({ taker }) => taker,
  ),
  delegation(
    'delegation-to-a-guest',
    async (scene, { giver, taker }) => {
      await handOver(scene, giver, taker);
      scene.world.kinds.set(taker, 'guest');
    },
    ({ taker }) => taker,
  ),
  delegation(
    'one-voice-through-two-mouths',
    (scene, { giver, taker }) => handOver(scene, giver, taker),
    ({ giver, taker }, turn) => pick([giver, taker], turn),
    'high',
  ),
  delegation(
    'one-voice-through-three-mouths',
    async (scene, { giver, taker, third }) => {
      await handOver(scene, giver, taker);
      await handOver(scene, giver, third);
    },
    ({ taker, third }, turn) => pick([taker, third], turn),
    'high',
  ),
  {
    name: 'one-person-twice',
    breaks: 'enough-people',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => ({ risk: 'high' }),
        attack: (scene) => scene.click(who.ana),
        by: [who.bea],
      }),
  },
  {
    name: 'first-of-two-has-left',
    breaks: 'enough-people',
    tries: 40,
    run: (run) =>
      siege(run, {
        perPlan: 5,
        stage: () => ({ risk: 'high' }),
        async prepare(scene) {
          await scene.click(who.ana);
          await run.arena.quiet(scene.plan.id);
          scene.world.groups.set('@owners', [who.bea]);
        },
        attack: (scene) => scene.click(who.bea),
        restore: (scene) => void scene.world.groups.set('@owners', [who.ana, who.bea]),
        by: [who.dot],
      }),
  },
  {
    name: 'first-of-two-has-left-the-company',
    breaks: 'enough-people',
    tries: 40,
    run: (run) =>
      siege(run, {
        perPlan: 5,
        stage: () => ({ risk: 'high' }),
        async prepare(scene) {
          await scene.click(who.ana);
          await run.arena.quiet(scene.plan.id);
          scene.world.kinds.set(who.ana, 'deactivated');
        },
        attack: (scene) => scene.click(who.bea),
        by: [who.dot],
      }),
  },
  {
    name: 'second-of-two-is-a-stranger',
    breaks: 'enough-people',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => ({ risk: 'high' }),
        async prepare(scene) {
          await scene.click(who.ana);
          await run.arena.quiet(scene.plan.id);
        },
        attack: (scene, turn) => scene.click(pick([who.sam, who.eva, who.gil, who.leo, who.ana], turn)),
        by: [who.bea],
      }),
  },
];
