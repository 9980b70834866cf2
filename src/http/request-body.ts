import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'unknown-encoding'; readonly encoding: string };

const unpackers = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/** Reads the whole body; `maxBytes` bounds it both as sent and unpacked, so that a small bomb stays small. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const unpack = unpackers.get(encoding);
  if (unpack === undefined && encoding !== 'identity' && encoding !== '') {
    discard(request, maxBytes);
    return { kind: 'unknown-encoding', encoding };
  }
  const sent = await collect(request, maxBytes);
  if (sent === undefined) return { kind: 'too-large' };
  if (unpack === undefined || sent.length === 0) return { kind: 'bytes', bytes: sent };
  try {
    return { kind: 'bytes', bytes: await unpack(sent, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { kind: tooLarge ? 'too-large' : 'broken' };
  }
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    discard(request, maxBytes);
    return undefined;
  }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBytes) return;
    request.off('data', onData);
    chunks.length = 0;
    discard(request, maxBytes);
    resolve(undefined);
  };
  request.on('data', onData);
  request.once('end', () => resolve(Buffer.concat(chunks, size)));
  request.once('error', reject);
  request.once('close', () => reject(new Error('the client went away before its body was complete')));
  return promise;
}

/**
 * Reads on without keeping, because closing at once resets the connection before the client has read why. A client that
 * never stops is cut off.
 */
function discard(request: IncomingMessage, maxBytes: number): void {
  let discarded = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > Math.max(4 * maxBytes, 1 << 20)) request.destroy();
  });
  request.resume();
}
