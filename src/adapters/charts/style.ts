/** Measures of a picture in pixels: a phone shows it at about a third of this. */
export const width = 1200;
export const height = 675;
export const margin = 44;
/** Left of it are the words of the value axis. */
export const plotLeft = 168;
export const plotRight = width - margin;

export const fontFamily = 'Warroom Sans';
export const monoFamily = 'Warroom Mono';

/** Told apart by people who see no red or no green, and by lightness alone; each has 4.5 : 1 on the ground and under white. */
export const colour = {
  ground: '#ffffff',
  edge: '#c9d1d9',
  text: '#14181f',
  soft: '#4b5563',
  grid: '#dfe3e8',
  before: '#3f4a5a',
  trouble: '#b8420a',
  troubleSoft: '#fbe9df',
  deploy: '#0063a0',
  alert: '#14181f',
  other: '#aab4c0',
  beside: '#0063a0',
  box: '#f3f5f8',
} as const;

export const size = { title: 42, subtitle: 29, axis: 27, flag: 25, legend: 26, mono: 25 } as const;

export interface Font {
  readonly px: number;
  readonly bold?: boolean;
  readonly mono?: boolean;
}

export function fontOf({ px, bold, mono }: Font): string {
  return `${bold === true ? 'bold ' : ''}${px}px '${mono === true ? monoFamily : fontFamily}'`;
}

/** Width of a text in pixels. */
export type Measure = (text: string, font: Font) => number;
