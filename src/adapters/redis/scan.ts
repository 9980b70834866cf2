import type { Redis } from 'ioredis';

const pageSize = 1_000;

/** Everything that Warroom keeps in a service's cache; never part of what is found or flushed. */
const reserved = Buffer.from('warroom:undo:');

/**
 * Keys that match, a page at a time: all that were there from beginning to end, once or (while the server's table grows)
 * twice, and perhaps some that came in between.
 */
export async function* scanKeys(client: Redis, pattern: string): AsyncGenerator<Buffer[]> {
  let cursor: Buffer = Buffer.from('0');
  do {
    const [next, keys] = await client.scanBuffer(cursor.toString(), 'MATCH', pattern, 'COUNT', pageSize);
    yield keys.filter((key) => !key.subarray(0, reserved.length).equals(reserved));
    cursor = next;
  } while (cursor.toString() !== '0');
}
