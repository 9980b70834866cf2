import type { Readable } from 'node:stream';

export type OutputSource = 'stdout' | 'stderr';

const headerBytes = 8;

/**
 * Hands on what arrives in the engine's frames (a byte for the source, three empty ones, four for the length).
 *
 * The client's own reader copies all that has arrived for every frame and calls itself for the next, so a command that
 * writes single bytes could overflow our stack: this one is for output that nobody trusts.
 */
export function demultiplex(stream: Readable, onOutput: (chunk: Buffer, source: OutputSource) => void): void {
  const header = Buffer.alloc(headerBytes);
  let known = 0;
  let left = 0;
  stream.on('data', (data: Buffer) => {
    let at = 0;
    while (at < data.length) {
      if (left === 0) {
        const copied = data.copy(header, known, at, at + headerBytes - known);
        known += copied;
        at += copied;
        if (known < headerBytes) return;
        known = 0;
        left = header.readUInt32BE(4);
        continue;
      }
      const chunk = data.subarray(at, at + left);
      at += chunk.length;
      left -= chunk.length;
      onOutput(chunk, header[0] === 2 ? 'stderr' : 'stdout');
    }
  });
}
