import { describe, expect, it } from 'vitest';
import { chooseIncident, serviceOf, severityOf } from '../../../src/domain/grouping.ts';
import { aCatalogue, anAlert, anIncident } from '../../support/builders.ts';

const catalogue = aCatalogue({ shopfront: ['ledger'], ledger: [], mailer: [] });
const windows = { groupingMs: 30 * 60_000, reopenMs: 10 * 60_000 };
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 10, minutes));

describe('choosing the incident of an alert', () => {
  it('takes the open incident of the same service', () => {
    const open = anIncident({ services: ['ledger'] });

    expect(chooseIncident(anAlert({ service: 'ledger' }), [open], [], catalogue, windows)).toBe(open);
  });

  it('takes the open incident of a direct neighbour that began near it in time', () => {
    const open = anIncident({ services: ['ledger'], startedAt: at(0) });

    expect(
      chooseIncident(anAlert({ service: 'shopfront', startsAt: at(5) }), [open], [], catalogue, windows),
    ).toBe(open);
    expect(
      chooseIncident(anAlert({ service: 'shopfront', startsAt: at(45) }), [open], [], catalogue, windows),
    ).toBeUndefined();
  });

  it('opens a new one for a service that is not related', () => {
    const open = anIncident({ services: ['ledger'] });

    expect(chooseIncident(anAlert({ service: 'mailer' }), [open], [], catalogue, windows)).toBeUndefined();
  });

  it('reopens the incident of the same service soon after its end, not later', () => {
    const ended = anIncident({ services: ['ledger'], status: 'resolved', resolvedAt: at(0) });

    expect(
      chooseIncident(anAlert({ service: 'ledger', startsAt: at(5) }), [], [ended], catalogue, windows),
    ).toBe(ended);
    expect(
      chooseIncident(anAlert({ service: 'ledger', startsAt: at(15) }), [], [ended], catalogue, windows),
    ).toBeUndefined();
  });
});

describe('reading an alert', () => {
  it("finds the service by the catalogue's own labels before the alert's words", () => {
    const renamed = {
      ...catalogue,
      services: catalogue.services.map((one) => ({ ...one, metrics: { app: `x-${one.name}` } })),
    };

    expect(serviceOf(anAlert({ labels: { app: 'x-ledger', service: 'other' } }), renamed)).toBe('ledger');
    expect(serviceOf(anAlert({ labels: { job: 'batch' } }), renamed)).toBe('batch');
  });

  it('maps the usual severity words and takes an unknown one seriously', () => {
    expect(severityOf(anAlert({ labels: { severity: 'CRITICAL' } }))).toBe('sev1');
    expect(severityOf(anAlert({ labels: { severity: 'warning' } }))).toBe('sev3');
    expect(severityOf(anAlert({ labels: { severity: 'purple' } }))).toBe('sev2');
  });
});
