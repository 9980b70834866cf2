import type { PlannedRemedy } from '../../src/domain/plan.ts';

/** Something that really happened to a target, as the target saw it. */
export interface Effect {
  readonly planId: string;
  readonly what: 'do' | 'undo';
  readonly planned: PlannedRemedy;
}

/**
 * Counts effects, and knows which of them the specification allows: those that the bench itself, playing an honest
 * workspace, saw consented to before they happened. It asks the product nothing.
 */
export class Ledger {
  readonly effects: Effect[] = [];
  readonly #wrong: Effect[] = [];
  readonly #allowed = new Map<string, number>();

  record(effect: Effect): void {
    this.effects.push(effect);
    const left = this.#left(effect.planId, effect.what);
    if (left > 0) this.#allowed.set(`${effect.planId} ${effect.what}`, left - 1);
    else this.#wrong.push(effect);
  }

  /** From now on so many more effects of this plan are rightful. */
  allow(planId: string, what: Effect['what'], times = 1): void {
    this.#allowed.set(`${planId} ${what}`, this.#left(planId, what) + times);
  }

  /** Consent that was taken back, or was not given after all. */
  forbid(planId: string): void {
    for (const what of ['do', 'undo'] as const) this.#allowed.delete(`${planId} ${what}`);
  }

  count(planId: string, what: Effect['what']): number {
    return this.effects.filter((effect) => effect.planId === planId && effect.what === what).length;
  }

  /** Effects that nobody had consented to, over all plans or those named. */
  excess(planIds?: ReadonlySet<string>): number {
    return this.#wrong.filter((effect) => planIds === undefined || planIds.has(effect.planId)).length;
  }

  #left(planId: string, what: Effect['what']): number {
    return this.#allowed.get(`${planId} ${what}`) ?? 0;
  }
}
