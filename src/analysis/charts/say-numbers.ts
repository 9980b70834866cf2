import type { ChartUnit } from '../../domain/chart.ts';

/** `14:03`, in UTC: the axis says so once. */
export function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

/** A number of a curve with its unit in words: `34 %`, `812 ms`, `1.2 GB`. */
export function sayValue(value: number, unit: ChartUnit): string {
  switch (unit) {
    case 'share':
      return `${value >= 0.1 ? Math.round(value * 100) : short(value * 100)} %`;
    case 'ms':
      return value >= 10_000 ? `${short(value / 1000)} s` : `${short(value)} ms`;
    case 'bytes':
      return value >= 1e9 ? `${short(value / 1e9)} GB` : `${short(value / 1e6)} MB`;
    case 'per-second':
      return `${short(value)}/s`;
    case 'cores':
      return `${short(value)} CPU`;
    case 'count':
      return short(value);
    default:
      return unit satisfies never;
  }
}

/** Three digits at most; thousands in groups. */
export function short(value: number): string {
  const size = Math.abs(value);
  const rounded = size >= 100 ? Math.round(value) : size >= 1 ? Number(value.toFixed(1)) : value;
  if (size >= 1) return rounded.toLocaleString('en-US');
  return size < 0.0005 ? '0' : Number(value.toPrecision(2)).toString();
}
