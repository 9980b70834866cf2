import { inertCaption } from '../../analysis/charts/inert-caption.ts';
import { sayValue, short } from '../../analysis/charts/say-numbers.ts';
import type { GraphCall, GraphChart } from '../../domain/chart.ts';
import { type GraphLayout, layOut } from './graph-layout.ts';
import { boxAt, fitMiddle, headOf, type Shape, textAt } from './shapes.ts';
import { colour, height, type Measure, margin, size, width } from './style.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Wire {
  readonly call: GraphCall;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Runs back to the left, below the boxes. */
  readonly back: boolean;
  readonly label: string;
  /** The end at which fewer wires meet: there the label is not in anybody's way. */
  readonly labelAt: 'caller' | 'callee';
  /** How deep a wire that runs back may hang. */
  readonly floor: number;
}

/** Between columns, by how many gaps there are: room for the numbers. */
const leastGaps = [0, 260, 210, 160, 110];
/** Failing calls from here on are worth a number on a call that is not blamed. */
const worthSaying = 0.01;

/** Callers left, callees right; the blamed service and the calls along which the failure travelled stand out. */
export function graphOption(chart: GraphChart, measure: Measure) {
  const head = headOf(chart.title, chart.subtitle, measure);
  const layout = layOut(chart);
  const footer = height - 40;
  const boxes = placeBoxes(layout, head.bottom + 12, footer - 30);
  const wires = layout.calls
    .flatMap((call) => wireOf(call, layout, boxes, footer - 20))
    .toSorted((a, b) => Number(a.call.blamed) - Number(b.call.blamed));
  return {
    animation: false,
    graphic: [
      ...head.shapes,
      ...wires.flatMap(drawWire),
      ...chart.services.flatMap(({ name, role }) => {
        const box = boxes.get(name);
        return box === undefined ? [] : drawBox(name, role, box, measure);
      }),
      ...drawLabels(wires, measure),
      ...(layout.folded === 0
        ? []
        : [
            textAt(
              `and ${layout.folded} more ${layout.folded === 1 ? 'service' : 'services'}`,
              width - margin,
              footer,
              { px: size.legend },
              colour.soft,
              'right',
            ),
          ]),
      textAt('calls a second · share of them that fails', margin, footer, { px: size.legend }, colour.soft),
    ],
  };
}

function placeBoxes({ columns }: GraphLayout, top: number, bottom: number): Map<string, Box> {
  const inside = width - 2 * margin;
  const most = Math.max(1, ...columns.map((column) => column.length));
  const leastGap = leastGaps[columns.length - 1] ?? 60;
  const wide = Math.min(270, (inside - leastGap * (columns.length - 1)) / Math.max(1, columns.length));
  const gap = columns.length === 1 ? 0 : (inside - wide * columns.length) / (columns.length - 1);
  const tall = Math.min(92, ((bottom - top) / most) * 0.72);
  const boxes = new Map<string, Box>();
  for (const [at, column] of columns.entries())
    for (const [row, name] of column.entries()) {
      const x = columns.length === 1 ? margin + (inside - wide) / 2 : margin + at * (wide + gap);
      const middle = top + ((row + 0.5) / column.length) * (bottom - top);
      boxes.set(name, { x, y: middle - tall / 2, width: wide, height: tall });
    }
  return boxes;
}

function wireOf(
  call: GraphCall,
  { columns, calls }: GraphLayout,
  boxes: ReadonlyMap<string, Box>,
  floor: number,
): Wire[] {
  const [from, to] = [boxes.get(call.caller), boxes.get(call.callee)];
  if (from === undefined || to === undefined) return [];
  const columnOf = (name: string): number => columns.findIndex((column) => column.includes(name));
  const back = columnOf(call.callee) <= columnOf(call.caller);
  const said = call.blamed || call.errors >= worthSaying;
  const rate = call.perSecond === null ? [] : [`${short(call.perSecond)}/s`];
  const label = [...rate, ...(said ? [sayValue(call.errors, 'share')] : [])].join(' · ');
  const meeting = (end: 'caller' | 'callee'): number => calls.filter((one) => one[end] === call[end]).length;
  return [
    {
      call,
      back,
      label: back && !call.blamed ? '' : label,
      labelAt: meeting('caller') >= meeting('callee') ? 'callee' : 'caller',
      floor,
      from: back ? [from.x + from.width * 0.5, from.y + from.height] : [from.x + from.width, middleOf(from)],
      to: back ? [to.x + to.width * 0.5, to.y + to.height + 4] : [to.x - 4, middleOf(to)],
    },
  ];
}

function middleOf(box: Box): number {
  return box.y + box.height / 2;
}

function drawWire({ call, from, to, back, floor }: Wire): Shape[] {
  const stroke = call.blamed ? colour.trouble : colour.other;
  const lineWidth = call.blamed ? 8 : 4;
  const head = call.blamed ? 26 : 18;
  const [x1, y1] = from;
  // The line ends inside the arrow's head, which ends at the box.
  const [x2, y2] = back ? [to[0], to[1] + head - 4] : [to[0] - head + 4, to[1]];
  const bend = (x2 - x1) / 2;
  const wings: readonly (readonly [number, number])[] = back
    ? [to, [to[0] - head * 0.6, to[1] + head], [to[0] + head * 0.6, to[1] + head]]
    : [to, [to[0] - head, to[1] - head * 0.6], [to[0] - head, to[1] + head * 0.6]];
  return [
    {
      type: 'bezierCurve',
      shape: {
        x1,
        y1,
        x2,
        y2,
        cpx1: back ? x1 : x1 + bend,
        cpy1: back ? floor : y1,
        cpx2: back ? x2 : x2 - bend,
        cpy2: back ? floor : y2,
      },
      style: { stroke, lineWidth, fill: 'none' },
      z: call.blamed ? 12 : 10,
    },
    { type: 'polygon', shape: { points: wings }, style: { fill: stroke }, z: call.blamed ? 12 : 10 },
  ];
}

const looks = {
  blamed: { fill: colour.trouble, text: '#ffffff', stroke: colour.trouble, lineWidth: 4 },
  alerted: { fill: '#ffffff', text: colour.text, stroke: colour.alert, lineWidth: 6 },
  other: { fill: colour.box, text: colour.text, stroke: colour.other, lineWidth: 3 },
} as const;
const words = { blamed: 'it starts here', alerted: 'the alert is here', other: null } as const;

function drawBox(
  name: string,
  role: GraphChart['services'][number]['role'],
  box: Box,
  measure: Measure,
): Shape[] {
  const { fill, text, stroke, lineWidth } = looks[role];
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const roomy = box.height >= 80;
  const word = roomy ? words[role] : null;
  const clean = inertCaption(name, 60);
  const inside = box.width - 28;
  const px = [28, 26, 24, 22, 21, 20].find((one) => measure(clean, { px: one, bold: true }) <= inside);
  const font = { px: px ?? 20, bold: true };
  const lines = px !== undefined ? [clean] : box.height < 64 ? [clean] : halves(clean);
  const shown = [...lines, ...(word === null || lines.length > 1 ? [] : [null])];
  return [
    boxAt(box, fill, 12, { stroke, lineWidth }),
    ...shown.map((line, index) => {
      const at = y + (index - (shown.length - 1) / 2) * (line === null ? 40 : 32);
      return line === null
        ? textAt(word ?? '', x, at, { px: 22 }, text, 'center')
        : textAt(fitMiddle(line, inside, font, measure), x, at, font, text, 'center');
    }),
  ];
}

/** At the hyphen, dot or underscore nearest to the middle. */
function halves(name: string): string[] {
  const cuts = [...name.matchAll(/[-_.]/g)].map((match) => match.index + 1);
  const [cut] = cuts.toSorted((a, b) => Math.abs(a - name.length / 2) - Math.abs(b - name.length / 2));
  return cut === undefined ? [name] : [name.slice(0, cut), name.slice(cut)];
}

const labelHeight = 36;

/** On its wire at the emptier end; a label that would lie on another one goes below it. */
function drawLabels(wires: readonly Wire[], measure: Measure): Shape[] {
  const placed: Box[] = [];
  const labels = wires
    .filter((wire) => wire.label !== '')
    .map((wire) => {
      const { blamed } = wire.call;
      const font = { px: blamed ? 26 : 23, bold: blamed };
      const wide = measure(wire.label, font) + 20;
      return { wire, blamed, font, wide, ...labelPoint(wire, wide) };
    })
    // What is blamed has its place; the others make room.
    .toSorted((a, b) => Number(b.blamed) - Number(a.blamed) || a.y - b.y || a.x - b.x);
  return labels.flatMap(({ wire, blamed, font, wide, x, y }) => {
    const box = { x: x - wide / 2, y: y - labelHeight / 2, width: wide, height: labelHeight };
    for (let hit = overlapped(box, placed); hit !== undefined; hit = overlapped(box, placed))
      box.y = hit.y + hit.height + 2;
    placed.push(box);
    return [
      boxAt(box, blamed ? colour.trouble : colour.ground, 8),
      textAt(wire.label, x, box.y + labelHeight / 2, font, blamed ? '#ffffff' : colour.soft, 'center'),
    ];
  });
}

function overlapped(box: Box, others: readonly Box[]): Box | undefined {
  return others.find(
    (other) =>
      box.x < other.x + other.width &&
      other.x < box.x + box.width &&
      box.y < other.y + other.height &&
      other.y < box.y + box.height,
  );
}

function labelPoint({ from, to, back, floor, labelAt }: Wire, wide: number): { x: number; y: number } {
  const [x1, y1] = from;
  const [x2, y2] = to;
  if (back) return { x: (x1 + x2) / 2, y: 0.125 * (y1 + y2) + 0.75 * floor };
  const away = wide / 2 + 14;
  // Between boxes that stand close there is no choice.
  const x = x2 - x1 < wide + 60 ? (x1 + x2) / 2 : labelAt === 'callee' ? x2 - 22 - away : x1 + away;
  return { x, y: y1 + (y2 - y1) * heightAt((x - x1) / (x2 - x1)) };
}

/** How far the curve has gone up or down where it has gone `share` of its way to the right; both 0–1. */
function heightAt(share: number): number {
  let [low, high] = [0, 1];
  for (let round = 0; round < 24; round += 1) {
    const t = (low + high) / 2;
    const gone = 1.5 * t * (1 - t) + t ** 3;
    if (gone < share) low = t;
    else high = t;
  }
  return 3 * (1 - low) * low ** 2 + low ** 3;
}
