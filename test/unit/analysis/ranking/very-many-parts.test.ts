import { describe, expect, it } from 'vitest';
import { analyzeIncident } from '../../../../src/analysis/ranking/analyze-incident.ts';
import { scoreMetric } from '../../../../src/analysis/ranking/score-metric.ts';
import { weighMetrics } from '../../../../src/analysis/ranking/weigh-metrics.ts';

/** More than a call can have arguments. */
const many = 140_000;

describe('an incident of very many parts', () => {
  it('is ranked however many services there are', () => {
    const services = Array.from({ length: many }, (_, n) => `s${n}`);

    expect(analyzeIncident({ id: 1, incidentAt: 600, services }).ranking).toHaveLength(many);
  });

  it('is weighed however many metrics a service has', () => {
    const shift = scoreMetric({ service: 's', metric: 'm', times: [0, 600], values: [1, 1] }, 600);
    const shifts = Array.from({ length: many - 1 }, () => ({ ...shift, silence: 0, z: 0 }));

    const weighed = weighMetrics([...shifts, { ...shift, silence: 0.7, z: -9 }]).get('s');

    expect(weighed).toMatchObject({ silent: 0.7 });
    expect(weighed?.faint).toBeGreaterThan(0);
  });
});
