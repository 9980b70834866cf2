/** What a line of `warroom analyze` asks, before anyone looked at it. */
export type Request = Readonly<Record<string, unknown>>;

/** The request itself is wrong; the message names the field and goes back to who asked. */
export class BadRequest extends Error {}

/** @throws BadRequest */
export function readTexts(request: Request, field: string): readonly string[] {
  const list = readList(request, field);
  for (const [index, item] of list.entries())
    if (typeof item !== 'string') throw new BadRequest(`${field}[${index}] is not a text`);
  return list as readonly string[];
}

/** @throws BadRequest */
export function readNumbers(request: Request, field: string): readonly number[] {
  const list = readList(request, field);
  for (const [index, item] of list.entries())
    if (typeof item !== 'number') throw new BadRequest(`${field}[${index}] is not a number`);
  return list as readonly number[];
}

/** In seconds this is in the year 5138; in milliseconds it was 1973. */
export const latestSeconds = 1e11;
export const notSeconds = 'is no time in unix seconds: is it in milliseconds?';

/** Unix seconds, none before the one that precedes it; several values may have one time. @throws BadRequest */
export function readTimes(request: Request, field: string): readonly number[] {
  const times = readNumbers(request, field);
  for (const [index, time] of times.entries()) {
    if (time > latestSeconds) throw new BadRequest(`${field}[${index}] ${notSeconds}`);
    if (time < (times[index - 1] ?? time))
      throw new BadRequest(
        `${field}[${index}] is before ${field}[${index - 1}]: sort times, and values with them`,
      );
  }
  return times;
}

/** Numbers in which null is a gap. @throws BadRequest */
export function readValues(request: Request, field: string): readonly (number | null)[] {
  const list = readList(request, field);
  for (const [index, item] of list.entries())
    if (typeof item !== 'number' && item !== null)
      throw new BadRequest(`${field}[${index}] is neither a number nor null`);
  return list as readonly (number | null)[];
}

function readList(request: Request, field: string): readonly unknown[] {
  const list = request[field];
  if (list === undefined) throw new BadRequest(`${field} is missing`);
  if (!Array.isArray(list)) throw new BadRequest(`${field} is not a list`);
  return list;
}
