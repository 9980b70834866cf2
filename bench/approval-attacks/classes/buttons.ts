import { randomBytes } from 'node:crypto';
import { type AttackClass, pick, type Run, siege } from '../attack-class.ts';
import { Scene } from '../scene.ts';
import { who } from '../world.ts';

type Carried = { planId: string; digest: string; nonce: string; [more: string]: unknown };

const carried = (scene: Scene): Carried => JSON.parse(scene.value) as Carried;
const changed = (scene: Scene, change: object): string => JSON.stringify({ ...carried(scene), ...change });
const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

const flip = (text: string, at: number): string => {
  const index = at % text.length;
  return `${text.slice(0, index)}${text[index] === 'a' ? 'b' : 'a'}${text.slice(index + 1)}`;
};

/** A button of this plan that says something else than the card does; whoever clicks may approve. */
function carrying(name: string, tries: number, value: (scene: Scene, turn: number) => string): AttackClass {
  return {
    name,
    breaks: 'this-plan',
    tries,
    run: (run) =>
      siege(run, { attack: (scene, turn) => scene.click(who.ana, 'approve', value(scene, turn)) }),
  };
}

/** A plan that is past its moment when the click comes. */
function afterwards(
  name: string,
  breaks: AttackClass['breaks'],
  prepare: (scene: Scene, run: Run) => Promise<void>,
): AttackClass {
  return {
    name,
    breaks,
    tries: 40,
    run: (run) =>
      siege(run, {
        restore: 'never',
        prepare,
        attack: (scene, turn) =>
          turn % 3 === 2 ? scene.breakGlass(who.gil) : scene.click(pick([who.ana, who.bea], turn)),
      }),
  };
}

const others = new WeakMap<Scene, Scene>();

/** Two plans that both wait: what one button carries of the other. */
const mixed: AttackClass = {
  name: 'plan-of-one-card-with-digest-of-another',
  breaks: 'this-plan',
  tries: 40,
  run: (run) =>
    siege(run, {
      async prepare(scene) {
        others.set(scene, await run.stage({ requestedBy: [who.ana] }));
      },
      attack(scene, turn) {
        const other = others.get(scene) ?? scene;
        const [a, b] = [carried(scene), carried(other)];
        const mixes = [
          { ...a, digest: b.digest },
          { ...a, nonce: b.nonce },
          { ...a, digest: b.digest, nonce: b.nonce },
          { ...b, planId: a.planId },
          { ...b, nonce: a.nonce },
          { ...b, digest: a.digest, nonce: a.nonce },
        ];
        return scene.click(who.ana, 'approve', JSON.stringify(pick(mixes, turn)));
      },
      after: async (scene) => others.get(scene)?.run(),
    }),
};

/** Dialogs carry a plan in a field that comes back with them. */
const dialogs: AttackClass = {
  name: 'dialog-with-changed-metadata',
  breaks: 'this-plan',
  tries: 40,
  run: (run) =>
    siege(run, {
      attack(scene, turn) {
        const meta = JSON.parse(scene.metadata) as Carried;
        const metadata = pick<string>(
          [
            JSON.stringify({ ...meta, nonce: hex(16) }),
            JSON.stringify({ ...meta, digest: hex(32) }),
            JSON.stringify({ ...meta, userId: who.gil }),
            JSON.stringify({ ...meta, decision: 'approve' }),
            JSON.stringify({ ...meta, channel: undefined }),
            `${scene.metadata} `.repeat(2),
            'null',
            '',
          ],
          turn,
        );
        const reason = 'nobody else answers since half past two';
        return scene.arena.door.dialog(
          pick(['break_glass_plan', 'approve_plan', 'plan_approve'], turn >> 3),
          pick([who.gil, who.ana, who.sam], turn),
          metadata,
          reason,
        );
      },
    }),
};

const superseded: AttackClass = {
  name: 'button-of-the-plan-before',
  breaks: 'this-plan',
  tries: 40,
  run: (run) =>
    siege(run, {
      restore: 'never',
      async prepare(scene) {
        await run.arena.tamper(`update plans set state = 'expired' where id = $1`, [scene.plan.id]);
        await scene.click(who.sam, 'renew');
        await run.arena.quiet(scene.plan.id);
        const [fresh] = await scene.flow.record.plans.ofIncident(scene.plan.incidentId);
        if (fresh === undefined || fresh.id === scene.plan.id) throw new Error('it was not made anew');
        run.watch(fresh.id);
        run.arena.route(fresh.id, scene.flow);
        await run.arena.delivered(fresh);
        others.set(scene, new Scene(run.arena, scene.flow, scene.world, fresh, scene.channelId));
      },
      attack: (scene, turn) => {
        const fresh = others.get(scene)?.plan;
        const old = carried(scene);
        return scene.click(
          who.ana,
          'approve',
          turn % 2 === 0 ? scene.value : JSON.stringify({ ...old, planId: fresh?.id }),
        );
      },
      async after(scene) {
        const fresh = others.get(scene);
        if (fresh === undefined || !run.control) return;
        await fresh.run();
        await run.legit(() => fresh.approveAndRun());
      },
    }),
};

const unseen: AttackClass = {
  name: 'card-that-is-not-in-the-channel-yet',
  breaks: 'seen',
  tries: 40,
  run: (run) =>
    siege(run, {
      stage: () => ({ delivered: false }),
      attack: (scene, turn) => (turn % 2 === 0 ? scene.click(who.ana) : scene.breakGlass(who.gil)),
      restore: (scene) => run.arena.show(scene.plan),
    }),
};

export const buttons: readonly AttackClass[] = [
  carrying('nonce-of-another-time', 50, (scene, turn) =>
    changed(scene, {
      nonce: pick([hex(16), carried(scene).digest, flip(carried(scene).nonce, turn), ' ', '0'], turn),
    }),
  ),
  carrying('digest-of-something-else', 50, (scene, turn) =>
    changed(scene, {
      digest: pick([hex(32), flip(carried(scene).digest, turn), carried(scene).digest.toUpperCase()], turn),
    }),
  ),
  carrying('button-that-is-none-of-ours', 60, (scene, turn) =>
    pick(
      [
        '',
        'null',
        '[]',
        '{}',
        'approve',
        scene.plan.id,
        scene.value.slice(0, -1),
        `[${scene.value}]`,
        JSON.stringify(scene.value),
        changed(scene, { state: 'approved' }),
        changed(scene, { userId: who.ana, decision: 'break-glass' }),
        changed(scene, { planId: [scene.plan.id] }),
        changed(scene, { digest: null }),
        changed(scene, { nonce: { $ne: '' } }),
        changed(scene, { planId: `${scene.plan.id}' or '1'='1` }),
        `{"__proto__":${scene.value}}`,
        'x'.repeat(20_000),
        '['.repeat(2_000),
      ],
      turn,
    ),
  ),
  mixed,
  dialogs,
  superseded,
  unseen,
  afterwards('button-of-a-rejected-plan', 'this-plan', async (scene, run) => {
    await scene.reject(who.bea);
    await run.arena.quiet(scene.plan.id);
  }),
  afterwards('button-of-an-expired-plan', 'in-time', (scene, run) =>
    run.arena.tamper(`update plans set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [
      scene.plan.id,
    ]),
  ),
  afterwards('button-of-a-withdrawn-plan', 'this-plan', (scene, run) =>
    run.arena.tamper(`update plans set state = 'void' where id = $1`, [scene.plan.id]),
  ),
  afterwards('button-of-a-finished-plan', 'once', async (scene, run) => {
    await scene.approveAndRun();
    await run.arena.tamper(`update plans set state = $2 where id = $1`, [
      scene.plan.id,
      pick(['verified', 'unverified', 'failed', 'rolled-back'], Math.floor(Math.random() * 4)),
    ]);
    await run.arena.tamper(`update incidents set stage = 'approval' where id = $1`, [scene.plan.incidentId]);
  }),
  afterwards('button-in-a-resolved-incident', 'this-plan', (scene, run) =>
    run.arena.tamper(`update incidents set status = 'resolved' where id = $1`, [scene.plan.incidentId]),
  ),
];
