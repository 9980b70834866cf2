import type { Chart } from '../domain/chart.ts';

/**
 * Draws a chart as a PNG image of 1200 × 675 pixels. The same chart gives the same bytes on every machine; nothing is
 * fetched, and nothing of the chart's text is interpreted.
 */
export interface ChartRenderer {
  /** @throws when it cannot be drawn; the caller goes on without the picture */
  render(chart: Chart): Promise<Uint8Array>;
}
