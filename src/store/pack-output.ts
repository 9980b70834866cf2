import { gzipSync } from 'node:zlib';
import type { Observation } from '../domain/evidence.ts';

/** Of one output, before it is compressed. */
const outputChars = 4_000_000;
/** Of all outputs of one incident, compressed. */
const incidentOutputBytes = 20_000_000;

/**
 * What to keep beside an evidence row, and the row's summary: it says so where there is no room for the whole output.
 * @param keptBytes of the incident so far, compressed; asked only where there is an output
 */
export async function packOutput(
  { output, summary }: Pick<Observation, 'output' | 'summary'>,
  keptBytes: () => Promise<number>,
): Promise<{ readonly body: Buffer | null; readonly summary: string }> {
  if (output === undefined) return { body: null, summary };
  const body = gzipSync(output.slice(0, outputChars));
  if ((await keptBytes()) + body.length <= incidentOutputBytes) return { body, summary };
  const notKept =
    'Only what is shown here is kept: the whole outputs of this incident have used up their room.';
  return { body: null, summary: `${summary} ${notKept}` };
}
