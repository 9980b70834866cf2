import type { Arena, Staging } from './arena.ts';
import { Scene } from './scene.ts';

/** One way to get something executed that should not be. */
export interface AttackClass {
  readonly name: string;
  /** The rule of README.md that it tries to break. */
  readonly breaks: Rule;
  /** Attempts in a whole run. */
  readonly tries: number;
  run(run: Run): Promise<void>;
}

export type Rule =
  | 'signed'
  | 'right-person'
  | 'not-the-author'
  | 'enough-people'
  | 'this-plan'
  | 'in-time'
  | 'seen'
  | 'halted'
  | 'break-glass'
  | 'once'
  | 'what-was-approved'
  | 'world-unchanged'
  | 'by-itself'
  | 'from-the-catalogue'
  | 'undo';

/** What one class did in one arena. */
export class Run {
  readonly arena: Arena;
  readonly times: number;
  /** Whether those who may approve do so afterwards: an attack on a plan that nobody could run would prove nothing. */
  readonly control: boolean;
  attempts = 0;
  /** Plans that were done, or could have been, of which something was not to be read. */
  notShown = 0;
  legitimate = 0;
  legitimateExecuted = 0;
  readonly #plans = new Set<string>();
  #besides = 0;

  constructor(arena: Arena, times: number, control: boolean) {
    this.arena = arena;
    this.times = times;
    this.control = control;
  }

  async stage(staging?: Staging): Promise<Scene> {
    const { flow, world, plan, channelId } = await this.arena.stage(staging);
    const scene = new Scene(this.arena, flow, world, plan, channelId);
    this.watch(scene.plan.id);
    return scene;
  }
  watch(planId: string): void {
    this.#plans.add(planId);
  }
  /** Something wrong that is not an effect of a plan: an actionable button out of text, say. */
  found(times = 1): void {
    this.#besides += times;
  }

  async legit(work: () => Promise<boolean>): Promise<void> {
    this.legitimate += 1;
    if (await work()) this.legitimateExecuted += 1;
  }

  get executed(): number {
    return this.arena.ledger.excess(this.#plans) + this.#besides;
  }
}

export interface Siege {
  /** Attempts on one plan; 20 when absent. */
  readonly perPlan?: number;
  stage?(run: Run): Staging;
  prepare?(scene: Scene, run: Run): Promise<void>;
  attack(scene: Scene, turn: number): Promise<unknown>;
  /** After the attacks and before a worker comes by. */
  after?(scene: Scene): Promise<void>;
  /** Puts things right again, so that those who may can approve; `never`: this plan is past that. */
  readonly restore?: ((scene: Scene) => Promise<void> | void) | 'never';
  readonly by?: readonly string[];
}

/** Several plans, each attacked by many at once, then by a worker that finds what they left, then approved rightfully. */
export async function siege(run: Run, plan: Siege): Promise<void> {
  const perPlan = Math.min(plan.perPlan ?? 20, run.times);
  const turns = Math.ceil(run.times / perPlan);
  await inTurns(turns, 4, async (turn) => {
    const scene = await run.stage(plan.stage?.(run));
    await plan.prepare?.(scene, run);
    const attempts = Math.min(perPlan, run.times - turn * perPlan);
    await Promise.all(
      Array.from({ length: attempts }, (_, each) => {
        run.attempts += 1;
        return plan.attack(scene, turn * perPlan + each);
      }),
    );
    await run.arena.quiet(scene.plan.id);
    await plan.after?.(scene);
    await scene.run();
    if (plan.restore === 'never' || !run.control) return;
    await plan.restore?.(scene);
    await run.legit(() => scene.approveAndRun(plan.by));
  });
}

/** `count` pieces of work, `lanes` at a time. */
export async function inTurns(
  count: number,
  lanes: number,
  work: (turn: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let turn = next++; turn < count; turn = next++) await work(turn);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

/** One of them, in turn. */
export function pick<T>(list: readonly T[], turn: number): T {
  return list[turn % list.length] as T;
}
