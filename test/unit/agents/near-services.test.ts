import { describe, expect, it } from 'vitest';
import { isNear, serviceOf, type ToolContext } from '../../../src/agents/tools/tool.ts';
import { findService } from '../../../src/domain/service.ts';
import { aCatalogue, anIncident } from '../../support/builders.ts';

const catalogue = aCatalogue({
  web: ['orders'],
  orders: ['stock'],
  stock: ['shelves'],
  shelves: ['robots'],
  robots: [],
  payroll: ['people'],
  people: [],
});
const own = findService(catalogue, 'orders');
const context = {
  assignment: { catalogue, service: own, incident: anIncident({ services: ['web'] }) },
} as unknown as ToolContext;

describe('an agent that is told to look at another service', () => {
  it.each(['orders', 'web', 'stock', 'shelves', 'robots'])('may look at %s', (name) => {
    expect(serviceOf(context, name).name).toBe(name);
  });

  it.each(['payroll', 'people'])('may not look at %s, which no failure here can come from', (name) => {
    expect(() => serviceOf(context, name)).toThrow(/nothing to do with this incident/);
  });

  it('may look around what alerts, too', () => {
    const payroll = findService(catalogue, 'payroll');
    const assignment = { ...context.assignment, incident: anIncident({ services: ['people'] }) };

    expect(payroll !== undefined && isNear(assignment, payroll)).toBe(true);
  });
});
