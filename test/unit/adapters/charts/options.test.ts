import { describe, expect, it } from 'vitest';
import { niceTicks } from '../../../../src/adapters/charts/axes.ts';
import { layOut, mostServices } from '../../../../src/adapters/charts/graph-layout.ts';
import { graphOption } from '../../../../src/adapters/charts/graph-option.ts';
import { logOption } from '../../../../src/adapters/charts/log-option.ts';
import { metricOption, side, withGaps } from '../../../../src/adapters/charts/metric-option.ts';
import { type Shape, wrap } from '../../../../src/adapters/charts/shapes.ts';
import { plotLeft, plotRight } from '../../../../src/adapters/charts/style.ts';
import { placeFlags } from '../../../../src/adapters/charts/time-marks.ts';
import type { GraphChart } from '../../../../src/domain/chart.ts';
import { logChart, metricChart, wideGraph } from '../../../support/charts.ts';

/** Every letter half as wide as high. */
const measure = (text: string, { px }: { px: number }): number => (text.length * px) / 2;

const textsOf = (shapes: readonly Shape[]): string[] =>
  shapes.flatMap((shape) => (shape.type === 'text' ? [shape.style.text] : []));

describe('a curve', () => {
  it('says its unit in words, its threshold, and what happened', () => {
    const option = metricOption(metricChart, measure);

    expect(option.yAxis.axisLabel.formatter(0.05)).toBe('5 %');
    expect(textsOf(option.graphic)).toEqual(
      expect.arrayContaining([metricChart.title, 'UTC', 'began 10:00', 'deploy 3f2a91c', 'alert above 5 %']),
    );
  });

  it('leaves open what was not measured: a value without a number, and a scrape that never was', () => {
    const points = withGaps([0, 10, 20, 30, 100, 110], [1, null, 1, 1, 2, 2]);

    expect(points.map(([, value]) => value)).toEqual([1, null, 1, 1, null, 2, 2]);
  });

  it('shows a value that stands alone between gaps as a dot', () => {
    const alone = {
      ...metricChart,
      series: [{ name: 'x', times: [0, 1, 2], values: [null, 3, null] }],
      onset: null,
    };

    const [before] = metricOption(alone, measure).series;

    expect(before?.data.map((point) => point.symbol)).toContain('circle');
    expect(before?.data.find((point) => point.value[1] === 3)?.symbol).toBe('circle');
  });

  it('changes its colour at the onset without a break', () => {
    const points = withGaps([0, 10, 20, 30], [1, 2, 3, 4]);

    expect(side(points, 15, 'before').at(-1)).toEqual([10, 2]);
    expect(side(points, 15, 'after')[0]).toEqual([10, 2]);
    expect(side(points, null, 'after')).toEqual([]);
  });

  it('has round steps that hold every value', () => {
    expect(niceTicks([0, 0.34], 0)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(niceTicks([null, 812], 0)).toEqual([0, 250, 500, 750, 1000]);
    expect(niceTicks([0, 0], Number.EPSILON)[0]).toBe(0);
  });
});

describe('flags', () => {
  const xOf = (seconds: number): number => plotLeft + seconds;

  it('never lie on each other', () => {
    const marks = [10, 20, 30, 40].map((at) => ({
      kind: 'deploy' as const,
      at,
      label: `deploy 000000${at}`,
    }));

    const { flags } = placeFlags({ onset: 25, marks }, xOf, measure);

    expect(flags).toHaveLength(5);
    for (const a of flags)
      for (const b of flags)
        if (a !== b && a.lane === b.lane)
          expect(a.left + a.width <= b.left || b.left + b.width <= a.left).toBe(true);
  });

  it('stay in the picture, and leave out what happened outside of it', () => {
    const at = plotRight - plotLeft - 3;
    const { flags } = placeFlags(
      { onset: at, marks: [{ kind: 'alert', at: 99_999, label: 'alert' }] },
      xOf,
      measure,
    );

    expect(flags).toHaveLength(1);
    expect((flags[0]?.left ?? 0) + (flags[0]?.width ?? 0)).toBeLessThanOrEqual(plotRight + 2);
  });
});

describe('a burst of lines', () => {
  it('tells what was not read from what was quiet', () => {
    const option = logOption(logChart, measure);

    expect(option.series[0]?.data.slice(0, 4)).toEqual(['-', '-', '-', 0]);
    expect(textsOf(option.graphic)).toEqual(expect.arrayContaining(['not read', 'lines per minute']));
  });

  it('quotes the line on two lines at most, and cuts the rest', () => {
    const lines = wrap('word '.repeat(60).trim(), 500, { px: 25 }, 2, measure);

    expect(lines).toHaveLength(2);
    expect(lines[1]?.endsWith('…')).toBe(true);
    for (const line of lines) expect(measure(line, { px: 25 })).toBeLessThanOrEqual(500);
  });
});

describe('a graph of services', () => {
  it('stands callers left of their callees', () => {
    const { columns } = layOut(wideGraph(0));
    const columnOf = (name: string): number => columns.findIndex((column) => column.includes(name));

    expect(columnOf('frontend')).toBeLessThan(columnOf('recommendation'));
    expect(columnOf('recommendation')).toBeLessThan(columnOf('database'));
  });

  it('folds what is far from the failure, and says how many', () => {
    const chart = wideGraph(19);
    const layout = layOut(chart);
    const shown = layout.columns.flat();

    expect(shown).toHaveLength(mostServices);
    expect(shown).toEqual(expect.arrayContaining(['frontend', 'recommendation', 'database']));
    expect(textsOf(graphOption(chart, measure).graphic)).toContain('and 10 more services');
  });

  it('ends with services that call each other in circles', () => {
    const circle: GraphChart = {
      ...wideGraph(0),
      calls: [
        ...wideGraph(0).calls,
        { caller: 'database', callee: 'frontend', perSecond: 1, errors: 0, errorsBefore: 0, blamed: false },
      ],
    };

    expect(layOut(circle).columns.flat().toSorted()).toEqual(['database', 'frontend', 'recommendation']);
  });

  it('stands the same however its rows are ordered', () => {
    const chart = wideGraph(19);
    const turned = { ...chart, services: chart.services.toReversed(), calls: chart.calls.toReversed() };

    expect(layOut(turned).columns).toEqual(layOut(chart).columns);
  });

  it('says rates and, where calls fail, their share', () => {
    expect(textsOf(graphOption(wideGraph(0), measure).graphic)).toContain('41/s · 81 %');
  });
});
