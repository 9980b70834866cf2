import type { Evidence } from '../../../domain/evidence.ts';
import type { ToolContext } from '../tool.ts';
import { outputOfData } from './show-evidence.ts';

/** The whole of what an evidence row rests on, in lines; @throws RangeError with what to do where there is no such row. */
export async function keptOutput(
  { kept }: ToolContext,
  number: number,
): Promise<{ row: Evidence; lines: readonly string[] }> {
  const rows = await kept.evidence();
  const row = rows.find((one) => one.number === number);
  if (row === undefined) {
    const last = rows.at(-1)?.number ?? 0;
    throw new RangeError(
      last === 0
        ? 'There is no evidence yet: ask a tool first.'
        : `There is no evidence ${number}; rows of this incident are 1 to ${last}.`,
    );
  }
  const output = await kept.output?.(number);
  return { row, lines: output === undefined ? outputOfData(row.data) : output.split('\n') };
}
