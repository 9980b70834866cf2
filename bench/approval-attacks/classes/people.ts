import type { Person } from '../../../src/domain/approval.ts';
import { aService } from '../../../test/support/builders.ts';
import { type AttackClass, pick, type Siege, siege } from '../attack-class.ts';
import { who } from '../world.ts';

/** A genuine click of somebody who may not, through the signed door. */
function clickBy(
  name: string,
  tries: number,
  by: string | ((turn: number) => string),
  more: Partial<Siege> = {},
): AttackClass {
  return {
    name,
    breaks: 'right-person',
    tries,
    run: (run) =>
      siege(run, { attack: (scene, turn) => scene.click(typeof by === 'string' ? by : by(turn)), ...more }),
  };
}

const ordinary: Person['kind'] = 'member';

/** Somebody of the owners' own group whose account is not what it was. */
function ownerWhoIs(kind: Person['kind']): AttackClass {
  return clickBy(`owner-who-is-${kind}`, 40, who.ana, {
    prepare: async (scene) => void scene.world.kinds.set(who.ana, kind),
    restore: (scene) => void scene.world.kinds.set(who.ana, ordinary),
  });
}

/** The directory does not say, or not in time. */
function directoryIs(failure: 'down' | 'groups-down' | 'people-down', withFallback: boolean): AttackClass {
  return clickBy(
    `directory-${failure}${withFallback ? '-with-fallback' : ''}`,
    40,
    (turn) => pick([who.ana, who.leo, who.sam], turn),
    {
      ...(withFallback
        ? { stage: () => ({ services: [withLeads], policy: { fallbackAfterMinutes: 0 } }) }
        : {}),
      prepare: async (scene) => {
        scene.world.failure = failure;
      },
      restore: (scene) => {
        scene.world.failure = 'none';
      },
    },
  );
}

const withLeads = aService({
  name: 'ledger',
  approvers: ['@owners'],
  onCall: ['@duty'],
  fallbackApprovers: ['@leads'],
});

export const people: readonly AttackClass[] = [
  clickBy('stranger', 40, (turn) => pick([who.sam, who.tom, who.gil, who.max], turn)),
  clickBy('id-that-nobody-has', 40, (turn) =>
    pick(
      [
        'UNOBODY1',
        '',
        'U',
        'policy',
        'UANA0001 ',
        'uana0001',
        '@owners',
        'S000000001',
        '__proto__',
        who.ana.slice(0, -1),
      ],
      turn,
    ),
  ),
  clickBy('approver-of-another-service', 40, who.eva),
  clickBy('removed-a-moment-earlier', 40, who.ana, {
    perPlan: 5,
    async prepare(scene) {
      // They were an approver a moment ago, when somebody else's click made Warroom ask.
      await scene.click(who.sam);
      await scene.arena.quiet(scene.plan.id);
      scene.world.groups.set('@owners', [who.bea]);
    },
    restore: (scene) => void scene.world.groups.set('@owners', [who.ana, who.bea]),
  }),
  clickBy('group-emptied', 40, (turn) => pick([who.ana, who.bea, who.sam, who.leo], turn), {
    async prepare(scene) {
      for (const group of ['@owners', '@duty']) scene.world.groups.set(group, []);
    },
    restore: (scene) => void scene.world.groups.set('@owners', [who.ana, who.bea]),
  }),
  clickBy('nobody-is-named', 40, (turn) => pick([who.ana, who.sam, who.leo], turn), {
    stage: () => ({
      services: [aService({ name: 'ledger', approvers: [], onCall: [], fallbackApprovers: [] })],
    }),
    restore: 'never',
  }),
  clickBy('off-duty-since-now', 40, who.dot, {
    prepare: async (scene) => void scene.world.groups.set('@duty', [who.tom]),
    by: [who.bea],
  }),
  clickBy('fallback-before-its-time', 40, who.leo, { stage: () => ({ services: [withLeads] }) }),
  ownerWhoIs('deactivated'),
  ownerWhoIs('guest'),
  ownerWhoIs('bot'),
  ownerWhoIs('external'),
  directoryIs('down', false),
  directoryIs('groups-down', true),
  directoryIs('people-down', true),
  clickBy('directory-too-slow', 24, (turn) => pick([who.ana, who.leo, who.sam], turn), {
    perPlan: 6,
    stage: () => ({ services: [withLeads], policy: { fallbackAfterMinutes: 0 } }),
    async prepare(scene) {
      scene.world.failure = 'slow';
    },
    async after(scene) {
      scene.world.failure = 'none';
    },
  }),
  {
    name: 'owner-of-one-of-two-services',
    breaks: 'right-person',
    tries: 40,
    run: (run) =>
      siege(run, {
        stage: () => ({ on: ['ledger', 'mailer'], risk: 'low' }),
        attack: (scene, turn) => scene.click(pick([who.ana, who.bea, who.dot], turn)),
        by: [who.ana, who.eva],
      }),
  },
];
