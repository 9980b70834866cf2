import type Docker from 'dockerode';
import type { Cell, CellRequest } from './cell.ts';

/**
 * Claims a slot and starts a container in it. Nothing is left behind when it fails or is given up.
 * @throws SandboxUnavailable when there is no free slot, no such image or runtime, or no answer
 */
export async function createCell(_engine: Docker, _request: CellRequest, signal: AbortSignal): Promise<Cell> {
  signal.throwIfAborted();
  throw new TypeError('not built yet');
}
