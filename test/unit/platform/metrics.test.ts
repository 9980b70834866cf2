import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/platform/metrics.ts';

describe("Warroom's own numbers", () => {
  it('are written as Prometheus reads them', () => {
    const metrics = createMetrics();
    metrics.counter('jobs_total', 'Jobs.').add(2, { kind: 'a "b" \\ \n', also: 'x' });
    metrics.counter('jobs_total', 'Jobs.').add(1, { also: 'x', kind: 'a "b" \\ \n' });
    metrics.counter('plain_total', 'Plain.').add(0.5);
    metrics.gauge('open', 'Open now.', () => 7);

    expect(metrics.text()).toBe(
      [
        '# HELP jobs_total Jobs.',
        '# TYPE jobs_total counter',
        'jobs_total{also="x",kind="a \\"b\\" \\\\ \\n"} 3',
        '# HELP plain_total Plain.',
        '# TYPE plain_total counter',
        'plain_total 0.5',
        '# HELP open Open now.',
        '# TYPE open gauge',
        'open 7',
        '',
      ].join('\n'),
    );
  });
});
