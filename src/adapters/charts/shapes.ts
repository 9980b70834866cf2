import { inertCaption } from '../../analysis/charts/inert-caption.ts';
import { colour, type Font, fontOf, height, type Measure, margin, size, width } from './style.ts';

/** Elements as ECharts' graphic component takes them; all of them in pixels, none of them reacts to anything. */
export type Shape =
  | {
      readonly type: 'text';
      readonly style: {
        readonly text: string;
        readonly x: number;
        readonly y: number;
        readonly font: string;
        readonly fill: string;
        readonly align: 'left' | 'center' | 'right';
        readonly verticalAlign: 'top' | 'middle';
      };
      readonly z: number;
    }
  | {
      readonly type: 'rect';
      readonly shape: {
        readonly x: number;
        readonly y: number;
        readonly width: number;
        readonly height: number;
        readonly r: number;
      };
      readonly style: { readonly fill: string; readonly stroke?: string; readonly lineWidth?: number };
      readonly z: number;
    }
  | {
      readonly type: 'line';
      readonly shape: {
        readonly x1: number;
        readonly y1: number;
        readonly x2: number;
        readonly y2: number;
      };
      readonly style: {
        readonly stroke: string;
        readonly lineWidth: number;
        readonly lineDash?: readonly number[];
      };
      readonly z: number;
    }
  | {
      readonly type: 'bezierCurve';
      readonly shape: {
        readonly x1: number;
        readonly y1: number;
        readonly x2: number;
        readonly y2: number;
        readonly cpx1: number;
        readonly cpy1: number;
        readonly cpx2: number;
        readonly cpy2: number;
      };
      readonly style: { readonly stroke: string; readonly lineWidth: number; readonly fill: 'none' };
      readonly z: number;
    }
  | {
      readonly type: 'polygon';
      readonly shape: { readonly points: readonly (readonly [number, number])[] };
      readonly style: { readonly fill: string };
      readonly z: number;
    };

export function textAt(
  text: string,
  x: number,
  y: number,
  font: Font,
  fill: string = colour.text,
  align: 'left' | 'center' | 'right' = 'left',
  verticalAlign: 'top' | 'middle' = 'middle',
): Shape {
  return { type: 'text', style: { text, x, y, font: fontOf(font), fill, align, verticalAlign }, z: 40 };
}

export function boxAt(
  at: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  fill: string,
  r = 8,
  border?: { readonly stroke: string; readonly lineWidth: number },
  z = 30,
): Shape {
  return { type: 'rect', shape: { ...at, r }, style: { fill, ...border }, z };
}

export function lineAt(
  from: readonly [number, number],
  to: readonly [number, number],
  stroke: string,
  lineWidth: number,
  lineDash?: readonly number[],
): Shape {
  const shape = { x1: from[0], y1: from[1], x2: to[0], y2: to[1] };
  const style = lineDash === undefined ? { stroke, lineWidth } : { stroke, lineWidth, lineDash };
  return { type: 'line', shape, style, z: 20 };
}

/** Cut in the middle, where names of services differ least, until it fits. */
export function fitMiddle(text: string, max: number, font: Font, measure: Measure): string {
  if (measure(text, font) <= max) return text;
  const characters = Array.from(text);
  for (let kept = characters.length - 1; kept > 2; kept -= 1) {
    const head = Math.ceil(kept / 2);
    const cut = `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
    if (measure(cut, font) <= max) return cut;
  }
  return '…';
}

/** Lines between words (or within one that is too long); the last one ends in `…` where something is left out. */
export function wrap(text: string, max: number, font: Font, most: number, measure: Measure): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '' && lines.length < most) {
    let end = rest.length;
    while (end > 1 && measure(rest.slice(0, end).trimEnd(), font) > max) {
      const space = rest.lastIndexOf(' ', end - 1);
      end = space > 0 ? space : end - 1;
    }
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  const last = lines.at(-1);
  if (rest !== '' && last !== undefined) {
    let cut = last;
    while (cut !== '' && measure(`${cut}…`, font) > max) cut = cut.slice(0, -1).trimEnd();
    lines[lines.length - 1] = `${cut}…`;
  }
  return lines;
}

export interface Head {
  readonly shapes: readonly Shape[];
  /** Where the drawing may begin. */
  readonly bottom: number;
}

/** The frame, the sentence, and what is drawn. */
export function headOf(title: string, subtitle: string, measure: Measure): Head {
  const inside = width - 2 * margin;
  const sentence = inertCaption(title, 160);
  const px = [size.title, size.title - 4].find((one) => measure(sentence, { px: one, bold: true }) <= inside);
  const font = { px: px ?? size.title, bold: true };
  const lines = wrap(sentence, inside, font, 2, measure);
  const under = { px: size.subtitle };
  const [below = ''] = wrap(inertCaption(subtitle, 160), inside, under, 1, measure);
  const lineHeight = 52;
  const y = 62;
  return {
    shapes: [
      boxAt({ x: 1, y: 1, width: width - 2, height: height - 2 }, 'none', 14, {
        stroke: colour.edge,
        lineWidth: 2,
      }),
      ...lines.map((line, index) => textAt(line, margin, y + index * lineHeight, font)),
      textAt(below, margin, y + lines.length * lineHeight - 2, under, colour.soft),
    ],
    bottom: y + lines.length * lineHeight + 28,
  };
}
