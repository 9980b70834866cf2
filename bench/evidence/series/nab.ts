import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readGzip } from '../part.ts';

export interface LabelledSeries {
  readonly file: string;
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** First and last index of each labelled window. */
  readonly windows: readonly (readonly [number, number])[];
}

export async function readNab(folder: string): Promise<LabelledSeries[]> {
  const labels = JSON.parse(await readFile(path.join(folder, 'windows.json'), 'utf8')) as Record<
    string,
    [string, string][]
  >;
  return Promise.all(
    Object.entries(labels).map(async ([file, windows]) => {
      const [, ...rows] = (await readGzip(folder, `${file}.gz`)).trim().split(/\r?\n/);
      const times = rows.map((row) => toSeconds(row.split(',')[0] ?? ''));
      const values = rows.map((row) => Number(row.split(',')[1]));
      const places = windows.map(
        ([from, to]) => [times.indexOf(toSeconds(from)), times.indexOf(toSeconds(to))] as const,
      );
      if (places.flat().includes(-1)) throw new Error(`${file}: a labelled window is not in the series.`);
      return { file, times, values, windows: places };
    }),
  );
}

function toSeconds(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/\.0+$/, '')}Z`) / 1000;
}
