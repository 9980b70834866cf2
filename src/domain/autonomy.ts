import type { RemedyKind, Risk } from './plan.ts';
import { isAtMost } from './risk.ts';
import type { AutonomyMode, Service } from './service.ts';

/** What becomes of a plan without anybody's click. */
export type Offer =
  | { readonly kind: 'nothing'; readonly reason: string }
  /** Waits for a person; `reason` says why it does not run by itself where the mode would have let it. */
  | { readonly kind: 'click'; readonly reason: string | null }
  | { readonly kind: 'self-run'; readonly afterSeconds: number };

export interface Offered {
  readonly risk: Risk;
  readonly tainted: boolean;
  readonly requestedBy: readonly string[];
  readonly kinds: readonly RemedyKind[];
  /** A step without a way back never runs by itself. */
  readonly reversible: boolean;
  /** Why people or a fix before it gave reason to ask in this incident; null while nothing did. */
  readonly doubt: string | null;
}

/** @param targets every service that the plan acts on: the most careful of them decides */
export function decideOffer(plan: Offered, targets: readonly Service[]): Offer {
  const observed = targets.find((service) => service.mode === 'observe');
  if (observed !== undefined) return { kind: 'nothing', reason: `${observed.name} is in observe mode.` };
  const mode = mostCareful(targets.map((service) => service.mode));
  if (mode === 'assist') return { kind: 'click', reason: null };

  const because = (reason: string): Offer => ({ kind: 'click', reason });
  if (plan.tainted) return because('it rests on text that the public can write');
  if (!plan.reversible) return because('it cannot be undone');
  // Somebody is there and has an opinion: a second pair of eyes is one click away.
  if (plan.requestedBy.length > 0) return because('a person asked for it');
  if (plan.doubt !== null) return because(plan.doubt);
  const notAllowed = plan.kinds.find((kind) => targets.some((one) => !one.autonomy.kinds.includes(kind)));
  if (notAllowed !== undefined) return because(`${notAllowed} is not on the service's list of what may`);
  if (isAtMost(plan.risk.class, 'low')) return { kind: 'self-run', afterSeconds: 0 };
  if (mode === 'collaborative' && isAtMost(plan.risk.class, 'medium')) {
    return {
      kind: 'self-run',
      afterSeconds: Math.max(...targets.map((service) => service.autonomy.countdownSeconds)),
    };
  }
  return because(`its risk is ${plan.risk.class}`);
}

const byCare: readonly AutonomyMode[] = ['observe', 'assist', 'semi-auto', 'collaborative'];

function mostCareful(modes: readonly AutonomyMode[]): AutonomyMode {
  return byCare.find((mode) => modes.includes(mode)) ?? 'assist';
}
