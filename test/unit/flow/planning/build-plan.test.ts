import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../../../../src/config/catalogue.ts';
import type { Observation } from '../../../../src/domain/evidence.ts';
import type { RemedyKind } from '../../../../src/domain/plan.ts';
import type { FlowContext } from '../../../../src/flow/context.ts';
import { buildPlan } from '../../../../src/flow/planning/build-plan.ts';
import { aCatalogue, anIncident } from '../../../support/builders.ts';
import { registryOf, SwitchRemedy } from '../../../support/switch-remedy.ts';

const trouble = (kind: Observation['kind'], number: number) => ({
  kind,
  number,
  service: 'ledger',
  title: kind,
  summary: 'errors',
  query: kind,
  data: { judged: 'trouble' },
  empty: false,
});
/** Numbers and a database look: the public writes neither. */
const measured = [trouble('metric', 1), trouble('database', 2)];

const none = async () => [];
const flow = {
  catalogue: aCatalogue({ ledger: [] }),
  policy: parseCatalogue(
    'services: [{ name: x, repository: { url: "https://x.example/x.git", slug: x/x }, language: node, testCommand: [x] }]',
    'policy',
  ).policy,
  record: {
    now: async () => new Date('2026-03-04T12:00:00Z'),
    evidence: { ofIncident: async () => measured },
    plans: { ofIncident: none, rejections: none },
    timeline: { ofIncident: none },
    alerts: { ofIncident: none },
  },
  sources: { metrics: null },
  remedies: registryOf(new SwitchRemedy()),
} as unknown as FlowContext;

async function isTainted(kind: RemedyKind, requestedBy: string[] = []): Promise<boolean> {
  const wish = {
    remedies: [{ kind, service: 'ledger', params: {} }],
    evidence: [1, 2],
    requestedBy,
    createdBy: 'agent',
  };
  const built = await buildPlan(flow, anIncident({ services: ['ledger'] }), wish, AbortSignal.timeout(5_000));
  if (!('plan' in built)) throw new Error(built.reason);
  return built.plan.body.tainted;
}

describe('a plan on what the public cannot write', () => {
  it('is tainted when an agent wrote the patch: it had read what the public writes', async () => {
    expect(await isTainted('pull-request')).toBe(true);
    expect(await isTainted('revert-commit')).toBe(false);
  });

  it('is a person’s own judgement when a person asked for it', async () => {
    expect(await isTainted('pull-request', ['U-OTHER'])).toBe(false);
  });
});
