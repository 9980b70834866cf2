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
    });

    expect(view.alerts).toMatchObject([{ name: 'HighErrorRatio', service: 'billing' }]);
  });
});
