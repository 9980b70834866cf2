import {
  type IncidentShape,
  type Learned,
  type SimilarQuery,
  shapeless,
} from '../../../src/domain/past-incident.ts';
import { families, type TroubleFamily, unseenFamilies } from './trouble-families.ts';

export interface PastCase {
  readonly service: string;
  readonly family: string;
  readonly title: string;
  readonly learned: Learned;
}

export interface AskedCase {
  readonly service: string;
  readonly family: string;
  /** What the first look knows: neither cause nor change. */
  readonly query: SimilarQuery;
}

interface House {
  readonly service: string;
  readonly thing: string;
  readonly op: string;
  readonly peer: string;
}

const things =
  'order invoice payment cart user product price stock shipment refund coupon review search mail session report ledger address wishlist voucher'.split(
    ' ',
  );

/** @param count things come again in other teams' services once they are used up */
function housesOf(count: number): House[] {
  return Array.from({ length: count }, (_, index) => {
    const base = things[index % things.length] ?? 'thing';
    const thing = index < things.length ? base : `${base}${Math.floor(index / things.length)}`;
    const peer = `${things[(index + 7) % things.length]}-service`;
    return { service: `${thing}-service`, thing, op: `POST /${thing}s`, peer };
  });
}

const noise = [
  'request took <*> ms',
  'connection from <*> closed',
  'configuration reloaded from <*>',
  'slow garbage collection: <*> ms',
  'health check answered in <*> ms',
];

/** The same every time. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)] as T;
  }

  some<T>(from: readonly T[], share: number): T[] {
    return from.filter(() => this.chance(share));
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** One past incident for each service and cause: every one has its like in other services, and its distractors at home. */
export function makePast(services: number, dice: Dice): PastCase[] {
  return housesOf(services).flatMap((house) => families.map((family) => pastOf(house, family, dice)));
}

/** Each cause once more, told anew by a program of another version to who has not looked for long. */
export function askAgain(services: number, dice: Dice): AskedCase[] {
  return housesOf(services).flatMap((house) => families.map((family) => askedOf(house, family, dice)));
}

export function askUnseen(services: number, dice: Dice): AskedCase[] {
  return housesOf(services).flatMap((house) => unseenFamilies.map((family) => askedOf(house, family, dice)));
}

function pastOf(house: House, family: TroubleFamily, dice: Dice): PastCase {
  const say = speakerOf(house);
  const logs = [...family.lines.map((versions) => say(versions[0] ?? '')), ...dice.some(noise.map(say), 0.2)];
  const cause = `${house.service}: ${say(dice.pick(family.causes))}`;
  const shape: IncidentShape = {
    services: [house.service, ...dice.some([house.peer], 0.6)],
    blamed: house.service,
    alerts: [family.alerts[0] ?? ''],
    symptoms: family.symptoms,
    logs,
    errors: family.errors,
    edges: dice.some([`${house.peer}→${house.service}`], 0.5),
    changes: [family.change],
    settings: family.settings.map(say),
  };
  const title = say(dice.pick(family.titles));
  const alert = `${house.service}: ${shape.alerts[0]}, ${dice.pick(['more than 5 % of requests', 'for five minutes', 'beyond its limit'])}`;
  return {
    service: house.service,
    family: family.name,
    title,
    learned: {
      symptoms: [title, alert, ...logs, ...family.errors, ...family.symptoms].join('\n'),
      shape,
      lesson: {
        outcome: 'confirmed',
        service: house.service,
        cause,
        commit: { sha: 'c'.repeat(40), subject: say(dice.pick(family.causes)) },
        remedies: [
          { kind: family.remedy, service: house.service, summary: cause, became: 'helped', reason: null },
        ],
        resolvedAfterMs: 1_800_000,
      },
    },
  };
}

function askedOf(house: House, family: TroubleFamily, dice: Dice): AskedCase {
  const say = speakerOf(house);
  const quietLogs = dice.chance(0.25);
  const logs = quietLogs
    ? dice.some(noise.map(say), 0.3)
    : [...family.lines.map((versions) => say(dice.pick(versions))), ...dice.some(noise.map(say), 0.3)];
  const suspect = dice.chance(0.3) ? house.peer : house.service;
  const shape: IncidentShape = {
    ...shapeless,
    services: [...new Set([suspect, house.service])],
    blamed: suspect,
    alerts: [dice.pick(family.alerts)],
    symptoms: [...dice.some(family.symptoms, 0.7), ...dice.some(['latency', 'errors', 'traffic'], 0.15)],
    logs,
    errors: dice.some(family.errors, quietLogs ? 0.4 : 0.8),
    edges: dice.some([`${house.peer}→${house.service}`], 0.4),
  };
  const text = [
    say(dice.pick(family.titles)),
    `${house.service}: ${shape.alerts[0]} ${dice.pick(['is firing', 'since ten minutes', 'went over its limit'])}`,
    ...logs,
    ...shape.errors,
    ...shape.symptoms,
  ].join('\n');
  return { service: house.service, family: family.name, query: { text, shape, exclude: null } };
}

function speakerOf({ op, thing, peer }: House): (text: string) => string {
  return (text) => text.replaceAll('{op}', op).replaceAll('{thing}', thing).replaceAll('{peer}', peer);
}
