import { describe, expect, it } from 'vitest';
import { chooseCharts } from '../../../../src/analysis/charts/choose-charts.ts';
import { inertCaption } from '../../../../src/analysis/charts/inert-caption.ts';
import { altTextOf } from '../../../../src/domain/chart.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { Json } from '../../../../src/platform/canonical-json.ts';
import { anAlert } from '../../../support/builders.ts';

const onset = Date.parse('2026-03-04T10:00:00Z') / 1000;
const times = Array.from({ length: 40 }, (_, index) => onset - 300 + index * 15);
const rising = (before: number, after: number) => times.map((time) => (time <= onset ? before : after));

function row(kind: Evidence['kind'], service: string, data: Json): Evidence {
  const number = 1;
  const told = { title: 't', summary: 's', query: 'q', empty: false };
  return { ...told, number, incidentId: 'i', investigationId: null, at: new Date(0), kind, service, data };
}

const curve = (kind: string, values: number[], metric = 'http_requests_total', score = 0.9): Json => ({
  onset,
  series: [{ name: kind, kind, metric, score, times, values }],
});
const edges = (errors: number): Json => ({
  edges: [
    { caller: 'shop', callee: 'users', calls: 600, callsBefore: 600, errors, errorsBefore: 0 },
    { caller: 'shop', callee: 'stock', calls: 300, callsBefore: 300, errors: 0, errorsBefore: 0 },
  ],
  seconds: { after: 100 },
});
const lines: Json = {
  templates: [{ text: 'token <*> rejected', count: 90, baseline: 0 }],
  bursts: {
    onset,
    stepS: 60,
    times: [onset - 60, onset, onset + 60],
    blamed: [0, 30, 60],
    others: [9, 9, 9],
  },
  releases: [{ sha: 'abcdef0123', at: onset - 20 }],
};

const evidence = [
  row('metric', 'users', curve('rejections', rising(0, 0.5))),
  row('metric', 'shop', curve('errors', rising(0, 0.5))),
  row('trace', 'shop', edges(0.5)),
  row('trace', 'users', edges(0.5)),
  row('log', 'users', lines),
];
const rootCause = {
  service: 'users',
  commit: { sha: 'abcdef0123456789', subject: 'x', author: 'y' },
  path: ['users', 'shop'],
};
const alert = {
  ...anAlert({ service: 'shop', startsAt: new Date((onset + 60) * 1000) }),
  generatorUrl: `http://prometheus.test/graph?g0.expr=${encodeURIComponent('sum(a) / sum(b) > 0.05')}`,
};
const rows = { rootCause, evidence, alerts: [alert], alerted: ['shop'] };

describe('charts of an incident', () => {
  it('are three at most: the cause measured, how it travelled, and what was felt', () => {
    const charts = chooseCharts(rows);

    expect(charts.map(({ thread, chart }) => [thread, chart.kind, chart.title])).toEqual([
      ['root-cause', 'metric', 'users refuses 50 % of its requests since 10:00'],
      ['root-cause', 'graph', 'shop suffers from users'],
      [{ agent: 'shop' }, 'metric', 'shop fails 50 % of its requests since 10:00'],
    ]);
  });

  it('show what is logged where the failure did not travel', () => {
    const charts = chooseCharts({
      ...rows,
      rootCause: { ...rootCause, path: ['users'] },
      alerted: ['users'],
    });

    expect(charts.map(({ chart }) => chart.kind)).toEqual(['metric', 'logs']);
    expect(altTextOf(charts[1]?.chart ?? fail())).toBe(
      'users logs a new kind of trouble since 10:00 UTC. These lines: 0 a minute before, 45 a minute now. Most telling line: token <*> rejected',
    );
  });

  it('mark the blamed deploy where it happened, the alert, and where the alert fires', () => {
    const [cause, , felt] = chooseCharts(rows);

    expect(cause?.chart).toMatchObject({
      onset,
      threshold: null,
      marks: [
        { kind: 'deploy', label: 'deploy abcdef0', at: onset - 20 },
        { kind: 'alert', at: onset + 60 },
      ],
    });
    expect(felt?.chart).toMatchObject({ threshold: 0.05, marks: [{ kind: 'alert' }] });
  });

  it('say times in ms, memory in bytes, counters by the second', () => {
    const unit = (kind: string, values: number[], metric: string) =>
      chooseCharts({
        ...rows,
        rootCause: { ...rootCause, path: ['users'] },
        alerted: ['users'],
        evidence: [row('metric', 'users', curve(kind, values, metric))],
      })[0]?.chart.subtitle;

    expect(unit('latency', rising(0.04, 0.8), 'http_request_duration_seconds')).toBe(
      'Mean time of a request: 40 ms before, 800 ms now',
    );
    expect(unit('memory-leak', rising(1e8, 4e8), 'process_resident_memory_bytes')).toBe(
      'Memory: 100 MB before, 400 MB now',
    );
    expect(unit('traffic', rising(30, 90), 'http_requests_total')).toBe('Requests: 2/s before, 6/s now');
  });

  it('are none where nothing moved, and of rows that an earlier version wrote', () => {
    const still = row('metric', 'users', curve('errors', rising(0, 0), 'http_requests_total', 0.1));
    const old = row('metric', 'shop', {
      series: [{ name: 'errors share', times, values: rising(0, 1) }],
      onset,
    });

    expect(chooseCharts({ ...rows, evidence: [still, old] })).toEqual([]);
  });
});

describe('a caption', () => {
  it('neither hides, reorders, nor tells a secret', () => {
    expect(inertCaption('a\u202eb\u200b\nc', 99)).toBe('ab c');
    expect(inertCaption('key AKIAIOSFODNN7EXAMPLE', 99)).not.toContain('AKIAIOSFODNN7EXAMPLE');
    expect(inertCaption('日本', 99)).toBe('▯▯');
    expect(inertCaption('x'.repeat(99), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

function fail(): never {
  throw new Error('no such chart');
}
