import type { Sandbox, SideCar } from '../../../ports/sandbox.ts';
import type { SandboxLimits } from './limits.ts';
import type { WorkspaceBackend } from './workspace/workspace.ts';

export interface CellRequest {
  readonly image: string;
  readonly limits: SandboxLimits;
  /** Owner and expiry, for the sweep; its side-cars carry the same. Labels cannot change while a container lives. */
  readonly labels: Readonly<Record<string, string>>;
  readonly backend: WorkspaceBackend;
  /** Container runtime to ask for (`runsc`); undefined: the engine's default. */
  readonly runtime: string | undefined;
  /** For PostgreSQL in the cell itself; what it leaves there is gone with the container alone. Default: no. */
  readonly systemVMemory?: boolean;
}

/** Image by kind of side-car. */
export type SideCarImages = Readonly<Partial<Record<SideCar['kind'], string>>>;

/**
 * A running hardened container that has claimed a slot of its engine. Its workspace is empty until `fill`. It ends by
 * itself `limits.lifetimeMs` after it was made, also when it is paused all the time.
 */
export interface Cell {
  /** Of the container. */
  readonly id: string;
  /** No two containers of an engine have the same one at the same time, whoever made them. */
  readonly slot: number;
  /** After `remove`, or once it could not be emptied and was removed for that; what it held is free then. */
  readonly isGone: boolean;
  /** Nothing in it runs until `unpause`. Costs about 20 ms, as does `unpause`. */
  pause(signal: AbortSignal): Promise<void>;
  unpause(signal: AbortSignal): Promise<void>;
  /**
   * Starts what answers `look` and counts kills, which the first look would otherwise wait for (about 70 ms). For cells
   * that wait warm; call it before `pause`.
   */
  warmUp(signal: AbortSignal): Promise<void>;
  /** Once. The folder is handed over until the cell is removed. @throws WorkspaceTooLarge */
  fill(folder: string, signal: AbortSignal): Promise<void>;
  /**
   * Returns when each accepts connections; none is left when one does not.
   * @throws SandboxUnavailable when an image is missing, one does not start, or the seed is not accepted
   */
  startSideCars(sideCars: readonly SideCar[], images: SideCarImages, signal: AbortSignal): Promise<void>;
  /** The cell as its user sees it. `close` of it is `close` here, which is called once: remove the cell, fill the pool. */
  toSandbox(close: () => Promise<void>): Sandbox;
  /** With its side-cars and its workspace. Can be called twice; fine when the container is gone already. */
  remove(): Promise<void>;
}
