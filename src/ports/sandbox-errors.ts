import { WarroomError } from '../platform/errors.ts';
import type { SideCar } from './sandbox.ts';

/** There is no place to run code right now. */
export class SandboxUnavailable extends WarroomError {
  readonly code = 'sandbox_unavailable';
  override readonly retryable = true;
}

/** A server beside the sandbox cannot be had; without it the sandbox may. */
export class SideCarUnavailable extends SandboxUnavailable {
  readonly kind: SideCar['kind'];
  /** Its seed was refused; with none it would have been had. */
  readonly ofSeed: boolean;

  constructor(
    of: { kind: SideCar['kind']; seed?: true },
    ...told: ConstructorParameters<typeof WarroomError>
  ) {
    super(...told);
    this.kind = of.kind;
    this.ofSeed = of.seed ?? false;
  }
}

/** The sandbox is gone: it ran over its lifetime, was removed, or its machine restarted. */
export class SandboxLost extends WarroomError {
  readonly code = 'sandbox_lost';
  override readonly retryable = true;
}
