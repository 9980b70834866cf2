import type { Scene } from './scene.ts';
import type { Guard } from './weaken.ts';

export interface Attempt {
  readonly succeeded: boolean;
  /** For the message of a test that fails. */
  readonly saw: unknown;
}

export interface Attack {
  readonly name: string;
  /** Without all of these it succeeds; one of two that each suffice could be missed for the other. */
  readonly guards: readonly Guard[];
  /** It may take its cell with it, or must find nothing of others in it. */
  readonly needsOwnCell?: true;
  readonly attempt: (scene: Scene) => Promise<Attempt>;
}
