import { WarroomError } from '../../platform/errors.ts';

/** There is no place to run code right now. */
export class SandboxUnavailable extends WarroomError {
  readonly code = 'sandbox_unavailable';
  override readonly retryable = true;
}

/** The container is gone: it ran over its lifetime, was removed, or its machine restarted. */
export class SandboxLost extends WarroomError {
  readonly code = 'sandbox_lost';
  override readonly retryable = true;
}

/** More files or bytes than a sandbox takes. */
export class WorkspaceTooLarge extends WarroomError {
  readonly code = 'workspace_too_large';
}

/** HTTP status of the engine's answer, when it gave one. */
export function engineStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
