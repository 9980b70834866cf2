import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';

/** The next part of a file, at most `partBytes`; null at its end. Nobody writes to a part that was given. */
export type ReadPart = () => Promise<Buffer | null>;

export const partBytes = 256 * 1024;
/** What is this small is read at once: a thread would take longer to be asked. */
const quickBytes = 64 * 1024;

const readLater = promisify(read);

/** Shorter where the file ends. */
export async function readAt(file: number, at: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count =
      length <= quickBytes
        ? readSync(file, part, filled, length - filled, at + filled)
        : (await readLater(file, part, filled, length - filled, at + filled)).bytesRead;
    if (count === 0) break;
    filled += count;
  }
  return part.subarray(0, filled);
}

/** At most `size` bytes of an open file; one that shrinks meanwhile is shorter. */
export function partsOf(file: number, size: number): ReadPart {
  let at = 0;
  return async () => {
    const part = await readAt(file, at, Math.min(partBytes, size - at));
    at += part.length;
    return part.length === 0 ? null : part;
  };
}
