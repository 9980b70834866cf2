import { WarroomError } from '../platform/errors.ts';

/** There is no place to run code right now. */
export class SandboxUnavailable extends WarroomError {
  readonly code = 'sandbox_unavailable';
  override readonly retryable = true;
}

/** The sandbox is gone: it ran over its lifetime, was removed, or its machine restarted. */
export class SandboxLost extends WarroomError {
  readonly code = 'sandbox_lost';
  override readonly retryable = true;
}
