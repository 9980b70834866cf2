import { describe, expect, it } from 'vitest';
import { incidentView } from '../../../src/domain/room-views.ts';
import { anAlert, anIncident, aService } from '../../support/builders.ts';

describe('the incident card', () => {
  it('names the service of an alert as grouping does, whatever label the alert uses for it', () => {
    const alert = anAlert({ labels: { alertname: 'HighErrorRatio', app: 'billing-api' } });

    const view = incidentView({
      incident: anIncident({ services: ['checkout', 'billing'] }),
      alerts: [alert],
      investigations: [],
      findings: [],
      rootCause: undefined,
      plan: undefined,
      investigator: 'evidence',
      catalogue: { services: [aService({ name: 'billing', metrics: { app: 'billing-api' } })], clusters: [] },
      linkHosts: [],
    });

    expect(view.alerts).toMatchObject([{ name: 'HighErrorRatio', service: 'billing' }]);
  });

  it.each([
    ['http://prometheus.example:9090/graph?g0.expr=up', 'http://prometheus.example:9090/graph?g0.expr=up'],
    ['https://grafana.example/d/1', 'https://grafana.example/d/1'],
    ['https://evil.example/?d=secret', null],
    ['https://prometheus.example@evil.example/', null],
    ['https://prometheus.example.evil.example/', null],
    ['https://someone:here@prometheus.example/', null],
  ])('links an alert only where operators said: %s', (generatorUrl, url) => {
    const view = incidentView({
      incident: anIncident({}),
      alerts: [anAlert({ generatorUrl })],
      investigations: [],
      findings: [],
      rootCause: undefined,
      plan: undefined,
      investigator: 'evidence',
      catalogue: {
        services: [aService({ name: 'billing', dashboards: ['https://grafana.example/d/billing'] })],
        clusters: [],
      },
      linkHosts: ['prometheus.example'],
    });

    expect(view.alerts[0]?.url).toBe(url);
  });
});
