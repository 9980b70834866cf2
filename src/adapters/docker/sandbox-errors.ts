export { SandboxLost, SandboxUnavailable } from '../../ports/sandbox-errors.ts';

/** HTTP status of the engine's answer, when it gave one. */
export function engineStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
