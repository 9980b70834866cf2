import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { BadRequest, type Request } from './analysis/requests/request.ts';

/** One request in, one answer out; a BadRequest goes back to who asked. */
export type Analysis = (request: Request) => object | Promise<object>;

export interface LinesTally {
  readonly answered: number;
  readonly bad: number;
}

/** A longer line is answered with an error and never held: what is kept in memory is one line and its answer. */
export const mostLineBytes = 256 * 1024 * 1024;

/** What several languages write into JSON for a number that is none. */
const notNumber = /[[,:]\s?-?(?:NaN|Infinity)\s?[\],}]/;

type InputLine = { readonly text: string } | { readonly tooLong: true };

/**
 * Answers each line of NDJSON with a line, in order. A line that is no request is answered with `{id, error}` and
 * counted. The next line is read once the last answer was taken, so a slow reader slows the work down.
 */
export async function answerLines(
  input: Readable,
  output: Writable,
  analysis: Analysis,
  lineBytes = mostLineBytes,
): Promise<LinesTally> {
  const tally = { answered: 0, bad: 0 };
  let number = 0;
  for await (const line of splitLines(input, lineBytes)) {
    number += 1;
    if ('text' in line && line.text.trim() === '') continue;
    const answer = await answerLine(line, number, analysis, lineBytes);
    if ('error' in answer) tally.bad += 1;
    else tally.answered += 1;
    if (!output.write(`${JSON.stringify(answer)}\n`)) await once(output, 'drain');
  }
  return tally;
}

async function answerLine(
  line: InputLine,
  number: number,
  analysis: Analysis,
  lineBytes: number,
): Promise<object> {
  const bad = (id: unknown, error: string): object => ({ id, line: number, error });
  if ('tooLong' in line) return bad(null, `the line is longer than ${lineBytes} bytes`);
  let request: unknown;
  try {
    request = JSON.parse(line.text);
  } catch (error) {
    const hint = notNumber.test(line.text) ? '; write null for NaN and Infinity' : '';
    return bad(null, `no JSON: ${error instanceof Error ? error.message : String(error)}${hint}`);
  }
  if (!isRequest(request)) return bad(null, 'not a JSON object');
  const { id } = request;
  if (typeof id !== 'string' && typeof id !== 'number')
    return bad(null, 'id is missing, or no text or number');
  try {
    return { id, ...(await analysis(request)) };
  } catch (error) {
    if (error instanceof BadRequest) return bad(id, error.message);
    // One request that nothing here can carry must not end the others.
    return bad(id, `not analysed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isRequest(value: unknown): value is Request {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* splitLines(input: Readable, lineBytes: number): AsyncGenerator<InputLine> {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > lineBytes) parts = [];
    else parts.push(part);
  };
  const take = (): InputLine => {
    const line: InputLine =
      length > lineBytes ? { tooLong: true } : { text: Buffer.concat(parts).toString('utf8') };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      add(bytes.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < bytes.length) add(bytes.subarray(start));
  }
  if (length > 0) yield take();
}
