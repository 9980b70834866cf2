import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { createChartRenderer } from '../../src/adapters/charts/chart-renderer.ts';
import { logChart, metricChart, wideGraph } from '../support/charts.ts';

describe.each([
  ['a curve', metricChart],
  ['a burst of lines', logChart],
  ['a graph of services', wideGraph(19)],
] as const)('%s', (_, chart) => {
  it('is a PNG image of 1200 × 675 with something on it, the same each time', async () => {
    const renderer = createChartRenderer();

    const bytes = Buffer.from(await renderer.render(chart));
    const again = Buffer.from(await renderer.render(chart));

    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1200, 675]);
    expect(again.equals(bytes)).toBe(true);
    expect(await coloursOf(bytes)).toEqual(expect.arrayContaining(['#ffffff', '#b8420a', '#14181f']));
  });
});

/** Every colour that covers at least a thousandth of the picture. */
async function coloursOf(png: Buffer): Promise<string[]> {
  const context = createCanvas(1200, 675).getContext('2d');
  context.drawImage(await loadImage(png), 0, 0);
  const pixels = Buffer.from(context.getImageData(0, 0, 1200, 675).data.buffer);
  const counts = new Map<number, number>();
  // Every seventh pixel is enough of them.
  for (let at = 0; at < pixels.length; at += 28) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= 100)
    .map(([colour]) => `#${colour.toString(16).padStart(6, '0')}`);
}
