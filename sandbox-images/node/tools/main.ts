import { writeSync } from 'node:fs';
import { bench } from './bench.ts';
import { cover } from './cover.ts';
import { cpu } from './cpu.ts';
import { debug } from './debug.ts';
import { heap } from './heap.ts';
import { stacks } from './stacks.ts';

const verbs: Readonly<Record<string, (words: readonly string[]) => Promise<unknown>>> = {
  debug,
  heap,
  stacks,

  cpu,

  bench,
  cover,
};

const [verb = '', ...words] = process.argv.slice(2);
const run = verbs[verb];
if (run === undefined) {
  process.stderr.write(`warroom-tool: one of ${Object.keys(verbs).join(', ')}\n`);
  process.exit(2);
}
try {
  const line = `\n@@warroom-result ${JSON.stringify(await run(words))}\n`;
  let bytes = Buffer.from(line);
  while (bytes.length > 0) bytes = bytes.subarray(writeSome(bytes));
  process.exit(0);
} catch (error) {
  process.stderr.write(`warroom-tool ${verb}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** A pipe that is full says so instead of waiting. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}
