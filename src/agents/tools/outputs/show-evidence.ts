import type { Evidence } from '../../../domain/evidence.ts';

/** What a model sees of the answer of one tool call; the rest stays with the rows. */
const shownChars = 12_000;
const leastChars = 1_500;

/** A row as it was kept, and how many lines its whole output has where that is kept beside it. */
export interface KeptAnswer {
  readonly row: Evidence;
  readonly outputLines: number | null;
}

/**
 * Evidence rows as a model gets them: a line of JSON each, so that nothing in a log line can pretend to be a row of its own. What
 * does not fit is cut inside that JSON, and the cut names the row to go on with.
 */
export function showEvidence(answers: readonly KeptAnswer[]): string {
  if (answers.length === 0) return 'Nothing was found.';
  const room = Math.max(leastChars, Math.floor(shownChars / answers.length));
  return answers.map((one) => showRow(one, room)).join('\n');
}

/** Numbers of the rows in what `showEvidence` wrote. */
export function rowsShown(text: string): number[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { evidence } = Object(JSON.parse(line)) as { evidence?: unknown };
      return typeof evidence === 'number' ? [evidence] : [];
    } catch {
      return [];
    }
  });
}

function showRow({ row, outputLines }: KeptAnswer, room: number): string {
  const { number, kind, service, title, summary, data } = row;
  const head = { evidence: number, kind, service, title, summary };
  const whole = JSON.stringify({ ...head, data });
  if (whole.length <= room) {
    return outputLines === null
      ? whole
      : JSON.stringify({ ...head, data, more: sayMore(number, outputLines) });
  }
  const lines = outputOfData(data);
  const kept: string[] = [];
  let left = room - JSON.stringify(head).length - 200;
  for (const line of lines) {
    left -= JSON.stringify(line).length;
    if (left < 0) break;
    kept.push(line);
  }
  // One line may be longer than all the room.
  const shown = kept.length > 0 ? kept.join('\n') : (lines[0] ?? '').slice(0, room - 400);
  const rest = outputLines ?? lines.length - kept.length;
  return JSON.stringify({ ...head, shown, more: sayMore(number, rest) });
}

function sayMore(number: number, lines: number): string {
  const count = lines.toLocaleString('en-US');
  return `… ${count} more lines: search_output evidence ${number}, or read_output evidence ${number}`;
}

/** What a row shows, as lines to read and to search: each text of it as it is, the rest as JSON. */
export function outputOfData(data: unknown): string[] {
  return JSON.stringify(data, null, 1)
    .split('\n')
    .flatMap((line) => line.split('\\n'));
}
