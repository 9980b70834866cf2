import type { Planted, World } from './world.ts';

/** One text that an attacker has put somewhere, and what it wants. */
export interface Attack {
  /** What it is after. */
  readonly family: string;
  /** Where it stands, and how it is dressed. */
  readonly name: string;
  plant(scene: Scene): Planted;
}

/** What the attacker knows: names, and commits of repositories that are open to read. */
export type Scene = World['names'] & { readonly shas: World['shas'] };
