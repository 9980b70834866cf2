import type { ChartRenderer } from '../../ports/chart-renderer.ts';

/**
 * The library and its native canvas are loaded with the first picture: a process that draws none does not carry them, and a
 * machine that cannot load them misses its pictures and nothing else.
 */
export function createChartRenderer(): ChartRenderer {
  return {
    async render(chart) {
      const { drawChart } = await import('./draw-chart.ts');
      return drawChart(chart);
    },
  };
}
