import { BarChart, LineChart } from 'echarts/charts';
import { GraphicComponent, GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, setPlatformAPI, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Chart } from '../../domain/chart.ts';
import { measureOn, openCanvas } from './canvas.ts';
import { checkChart } from './check-chart.ts';
import { graphOption } from './graph-option.ts';
import { logOption } from './log-option.ts';
import { metricOption } from './metric-option.ts';
import { colour, height, type Measure, width } from './style.ts';

use([LineChart, BarChart, GridComponent, GraphicComponent, CanvasRenderer]);

// Where ECharts measures text for itself. It is typed for browsers alone, whose canvas ours stands in for.
setPlatformAPI({ createCanvas: () => openCanvas() as never });

/** ECharts without a browser: it draws on a canvas of ours, whose fonts are ours too. Returns PNG bytes. @throws ChartRefused */
export async function drawChart(chart: Chart): Promise<Uint8Array> {
  checkChart(chart);
  const canvas = openCanvas();
  const option = optionOf(chart, measureOn(canvas));
  const picture = init(canvas as never, null, { renderer: 'canvas', width, height, devicePixelRatio: 1 });
  try {
    picture.setOption({ ...option, backgroundColor: colour.ground } as EChartsCoreOption);
    return await canvas.encode('png');
  } finally {
    picture.dispose();
  }
}

function optionOf(chart: Chart, measure: Measure) {
  switch (chart.kind) {
    case 'metric':
      return metricOption(chart, measure);
    case 'logs':
      return logOption(chart, measure);
    case 'graph':
      return graphOption(chart, measure);
    default:
      return chart satisfies never;
  }
}
