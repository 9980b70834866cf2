import { type AttackClass, pick, type Siege, siege } from '../attack-class.ts';
import { who } from '../world.ts';

/** @param more what is special about the plan or the people; a dialog of the product itself is sent */
function glass(
  name: string,
  tries: number,
  by: (turn: number) => string,
  reason: (turn: number) => string,
  more: Partial<Siege> = {},
): AttackClass {
  return {
    name,
    breaks: 'break-glass',
    tries,
    run: (run) => siege(run, { attack: (scene, turn) => scene.breakGlass(by(turn), reason(turn)), ...more }),
  };
}

const good = (): string => 'nobody else answers since half past two';
const gil = (): string => who.gil;

export const breakGlass: readonly AttackClass[] = [
  glass(
    'glass-broken-without-the-role',
    40,
    (turn) => pick([who.sam, who.ana, who.leo, who.max, who.dot], turn),
    good,
  ),
  glass('glass-broken-by-somebody-of-the-past', 40, gil, good, {
    prepare: async (scene) => void scene.world.groups.set('@glass', []),
  }),
  glass('glass-broken-without-a-reason', 40, gil, (turn) =>
    pick(
      [
        '',
        ' '.repeat(60),
        'because',
        'nineteen characters',
        `x${' '.repeat(60)}y`,
        '\n'.repeat(40),
        '\u200b'.repeat(60),
        '\u00a0'.repeat(60),
        '\u2800'.repeat(60),
        '\u{e0041}'.repeat(60),
        `a${'\u0301'.repeat(5)}`,
        '\u202e\u202d'.repeat(40),
      ],
      turn,
    ),
  ),
  glass('glass-broken-by-the-author', 40, gil, good, {
    stage: () => ({ requestedBy: [who.gil] }),
  }),
  glass('glass-where-there-is-none', 40, gil, good, { stage: () => ({ policy: { breakGlass: null } }) }),
  glass('glass-broken-by-who-is-no-member', 40, gil, good, {
    prepare: async (scene) =>
      void scene.world.kinds.set(
        who.gil,
        pick(['guest', 'deactivated', 'bot', 'external'], Math.floor(Math.random() * 4)),
      ),
  }),
  glass('glass-broken-while-nobody-can-say-who', 40, gil, good, {
    async prepare(scene) {
      scene.world.failure = 'down';
    },
    restore: (scene) => {
      scene.world.failure = 'none';
    },
  }),
];
