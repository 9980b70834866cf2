import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Figure } from '../benchmark.ts';

export interface PartOptions {
  /** Folder that holds a folder for each data set. */
  readonly data: string;
  readonly short: boolean;
  readonly say: (line: string) => void;
}

/** One data set, or one question of scale, with its figures. */
export interface EvidencePart {
  readonly name: string;
  /** Names of the folders it needs below `data`; without them it is not run, and its row is not ok. */
  readonly needs: readonly string[];
  run(options: PartOptions): Promise<Figure[]>;
}

/** Folders that a part needs and that are not there. */
export function missingFolders(part: EvidencePart, data: string): string[] {
  return part.needs.map((name) => path.join(data, name)).filter((folder) => !existsSync(folder));
}

export async function readGzip(...parts: string[]): Promise<string> {
  const bytes: Buffer = await promisify(gunzip)(await readFile(path.join(...parts)));
  return bytes.toString('utf8');
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 95 % interval of a figure over cases (systems, files), by drawing cases with replacement; the same every time. */
export function bootstrap<Case>(
  cases: readonly Case[],
  figure: (drawn: readonly Case[]) => number,
  draws = 1000,
): Interval {
  let state = 42;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const values = Array.from({ length: draws }, () =>
    figure(cases.map(() => cases[Math.floor(next() * cases.length)] as Case)),
  ).toSorted((a, b) => a - b);
  return {
    low: values[Math.floor(draws * 0.025)] ?? Number.NaN,
    high: values[Math.ceil(draws * 0.975) - 1] ?? Number.NaN,
  };
}

/** A figure as good as it is high, beside a baseline of the same run. */
export function atLeast(given: {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly against: string;
  readonly againstValue: number;
  readonly interval?: Interval;
}): Figure {
  const { metric, value, unit, floor, against, againstValue, interval } = given;
  const range =
    interval === undefined ? '' : `; 95 % interval ${round(interval.low)} to ${round(interval.high)}`;
  return {
    metric,
    value: round(value),
    unit,
    against,
    againstValue: round(againstValue),
    ratio: round(value / againstValue),
    target: `at least ${floor}${range}`,
    ok: value >= floor,
  };
}

export function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
