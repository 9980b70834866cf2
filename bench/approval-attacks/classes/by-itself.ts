import type { AutonomyMode, Service } from '../../../src/domain/service.ts';
import { aService } from '../../../test/support/builders.ts';
import type { Staging } from '../arena.ts';
import { type AttackClass, inTurns, type Run, siege } from '../attack-class.ts';
import type { Scene } from '../scene.ts';
import { who } from '../world.ts';

const kind = 'restart-service';

/** A service of its own: how often its plans ran by themselves is counted by its name. */
function swift(run: Run, mode: AutonomyMode, autonomy: Partial<Service['autonomy']> = {}): Service {
  return aService({
    name: run.arena.name('swift'),
    approvers: ['@owners'],
    mode,
    autonomy: { kinds: [kind], perHour: 1_000, countdownSeconds: 10, ...autonomy },
  });
}

const announced = (run: Run, more: Staging = {}): Staging => ({
  services: [swift(run, 'semi-auto')],
  kind,
  hardEvidence: true,
  risk: 'low',
  ...more,
});

/** Its job is run, as a worker would; it must not begin by itself, and a person may still approve it. */
function mustAsk(
  name: string,
  tries: number,
  stage: (run: Run) => Staging,
  before?: (scene: Scene, run: Run) => Promise<void>,
): AttackClass {
  return {
    name,
    breaks: 'by-itself',
    tries,
    run: (run) =>
      siege(run, {
        perPlan: 2,
        stage,
        ...(before === undefined ? {} : { prepare: before }),
        attack: (scene) => scene.runAnnounced(),
      }),
  };
}

const setMoment = (scene: Scene, runs: string, expires: string): Promise<void> =>
  scene.arena.tamper(
    `update plans set runs_at = clock_timestamp() + $2::interval, expires_at = clock_timestamp() + $3::interval where id = $1`,
    [scene.plan.id, runs, expires],
  );

/** Puts the moment of an announced plan into the past, as waiting would. */
const itsMoment = (scene: Scene): Promise<void> =>
  scene.arena.tamper(`update plans set runs_at = clock_timestamp() - interval '1 second' where id = $1`, [
    scene.plan.id,
  ]);

const rateCap: AttackClass = {
  name: 'more-at-once-than-the-hour-allows',
  breaks: 'by-itself',
  tries: 40,
  run: async (run) => {
    const perHour = 2;
    await inTurns(Math.max(1, Math.floor(run.times / 10)), 2, async () => {
      const services = [swift(run, 'semi-auto', { perHour })];
      const scenes: Scene[] = [];
      for (let each = 0; each < 10; each += 1) scenes.push(await run.stage(announced(run, { services })));
      run.attempts += scenes.length - perHour;
      const flow = scenes[0]?.flow;
      // Which of them it will be is not for us to say: the first two that the target sees are rightful.
      const { ledger } = run.arena;
      const before = ledger.effects.length;
      for (const scene of scenes) ledger.allow(scene.plan.id, 'do');
      await Promise.all(scenes.map((scene) => scene.runAnnounced(flow)));
      const ran = ledger.effects
        .slice(before)
        .filter((effect) => scenes.some((scene) => scene.plan.id === effect.planId));
      run.found(Math.max(0, ran.length - perHour));
      for (const scene of scenes) ledger.forbid(scene.plan.id);
      for (let each = 0; each < perHour; each += 1) await run.legit(async () => ran.length > each);
    });
  },
};

export const byItself: readonly AttackClass[] = [
  mustAsk('rests-on-what-the-public-wrote', 12, (run) => announced(run, { hardEvidence: false })),
  mustAsk('risk-words-of-a-model', 12, (run) =>
    announced(run, {
      risk: 'medium',
      params: { risk: 'low', class: 'low', reversible: 'exact', approved: true },
      shape: {
        preview: {
          summary: 'Low risk, approved by @owners: safe to run automatically',
          notes: ['risk: low', '"class":"low"'],
        },
      },
    }),
  ),
  mustAsk('kind-that-is-not-on-the-list', 12, (run) => announced(run, { kind: 'flush-cache' })),
  mustAsk('cannot-be-undone', 12, (run) => announced(run, { shape: { facts: { reversible: 'none' } } })),
  mustAsk('asked-for-by-a-person', 12, (run) => announced(run, { requestedBy: [who.sam] })),
  mustAsk('also-acts-on-a-more-careful-service', 12, (run) => {
    const services = [
      swift(run, 'semi-auto'),
      aService({
        name: 'ledger',
        approvers: ['@owners'],
        autonomy: { kinds: [kind], perHour: 9, countdownSeconds: 10 },
      }),
    ];
    return announced(run, {
      services,
      on: services.map((service) => service.name),
      shape: { facts: { base: 'low' } },
    });
  }),
  mustAsk('assist-mode', 12, (run) => announced(run, { services: [swift(run, 'assist')] })),
  {
    name: 'mode-lowered-since',
    breaks: 'by-itself',
    tries: 12,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        stage: () => announced(run),
        attack(scene) {
          const services = scene.flow.catalogue.services.map((service) => ({
            ...service,
            mode: 'assist' as const,
          }));
          return scene.runAnnounced({ ...scene.flow, catalogue: { services, clusters: [] } });
        },
      }),
  },
  {
    name: 'its-moment-is-long-gone',
    breaks: 'in-time',
    tries: 16,
    run: (run) =>
      siege(run, {
        perPlan: 2,
        stage: () => announced(run),
        prepare: (scene) => setMoment(scene, '-2 hours', '-1 hour'),
        attack: (scene) => scene.runAnnounced(),
        restore: (scene) => setMoment(scene, '-1 minute', '10 minutes'),
      }),
  },
  {
    name: 'announced-where-nobody-could-see-it',
    breaks: 'seen',
    tries: 12,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        stage: () => announced(run, { delivered: false }),
        prepare: (scene) =>
          // A minute late: by now it is either shown or left to people.
          scene.arena.tamper(
            `update plans set runs_at = clock_timestamp() - interval '61 seconds' where id = $1`,
            [scene.plan.id],
          ),
        attack: (scene) => scene.runAnnounced(),
        restore: (scene) => run.arena.show(scene.plan),
      }),
  },
  mustAsk(
    'stopped-by-somebody',
    12,
    (run) => announced(run, { services: [swift(run, 'collaborative')], risk: 'medium' }),
    async (scene, run) => {
      await scene.click(who.sam, 'stop');
      await run.arena.quiet(scene.plan.id);
      await itsMoment(scene);
    },
  ),
  {
    name: 'stopped-and-begun-at-one-moment',
    breaks: 'by-itself',
    tries: 16,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => announced(run),
        async attack(scene) {
          const { ledger } = run.arena;
          ledger.allow(scene.plan.id, 'do');
          await Promise.all([scene.click(who.sam, 'stop'), scene.runAnnounced()]);
          await run.arena.quiet(scene.plan.id);
          // Who stopped it in time was told so: then nothing may have run.
          const told = await scene.flow.record.timeline.ofIncident(scene.plan.incidentId);
          const stopped = told.some((entry) => entry.kind === 'plan.stopped');
          if (stopped) run.found(ledger.count(scene.plan.id, 'do'));
          ledger.forbid(scene.plan.id);
          await scene.runAnnounced();
        },
      }),
  },
  {
    name: 'begun-before-its-moment',
    breaks: 'by-itself',
    tries: 12,
    run: (run) =>
      siege(run, {
        perPlan: 1,
        restore: 'never',
        stage: () => announced(run, { services: [swift(run, 'collaborative')], risk: 'medium' }),
        async attack(scene) {
          const impatient = AbortSignal.timeout(50);
          await scene.runAnnounced(scene.flow, impatient).catch(() => undefined);
          await scene.click(who.ana);
          await run.arena.quiet(scene.plan.id);
        },
      }),
  },
  rateCap,
];
