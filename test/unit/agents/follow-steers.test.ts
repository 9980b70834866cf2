import { describe, expect, it } from 'vitest';
import { followSteers } from '../../../src/agents/follow-steers.ts';
import type { Assignment, Investigator, Notebook, Sources } from '../../../src/agents/investigator.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import { aCatalogue, anIncident } from '../../support/builders.ts';

const at = new Date('2026-03-04T10:00:00Z');
const engine: Investigator = {
  name: 'evidence',
  investigate: async () => ({ claims: [], ruledOut: [], nextChecks: [] }),
};
const away = () => Promise.reject(new Error('not in this test'));
const sources = {
  metrics: null,
  logs: {
    lines: async ({ service }: { service: string }) => ({
      lines: [{ at, service, level: 'error', message: `${service} is tired`, fields: {} }],
      truncated: false,
    }),
  },
  traces: { spans: async () => ({ spans: [], truncated: false }) },
  source: { fetch: away },
  sandbox: { unavailable: async () => 'no', open: away, sweep: async () => 0, close: async () => undefined },
  databases: null,
  statements: null,
} as unknown as Sources;

async function steered(...texts: string[]): Promise<{ steps: string[]; kept: Evidence[] }> {
  const catalogue = aCatalogue({ orders: ['user-service'], 'user-service': [] });
  const [service] = catalogue.services;
  if (service === undefined) throw new Error('no service');
  const assignment: Assignment = {
    incident: anIncident({ startedAt: at }),
    alerts: [],
    service,
    role: 'suspect',
    catalogue,
    now: new Date(at.getTime() + 60_000),
  };
  const steps: string[] = [];
  const kept: Evidence[] = [];
  const notebook = {
    keep: async (_key: string, seen: Evidence) => {
      const row = { ...seen, number: kept.length + 1 };
      kept.push(row);
      return row;
    },
    step: async (_key: string, text: string, state: string) => void steps.push(`${state}: ${text}`),
    limit: async () => undefined,
    steers: async () => texts.map((text, index) => ({ id: `${index}`, text })),
  } as unknown as Notebook;
  await followSteers(engine, sources).investigate(assignment, notebook, AbortSignal.timeout(10_000));
  return { steps, kept };
}

describe('the evidence engine, told where to look', () => {
  it('looks at a service that is named, and keeps what it sees', async () => {
    const { steps, kept } = await steered('Could it be user-service?');

    expect(new Set(kept.map((row) => row.service))).toEqual(new Set(['user-service']));
    expect(kept.map((row) => row.kind)).toEqual(['metric', 'trace', 'log']);
    expect(steps).toEqual([
      expect.stringMatching(/^done: Looked at user-service as asked: .*\(evidence 3\)/),
    ]);
  });

  it('tells what it could not look at', async () => {
    const { steps } = await steered('Look at 1a2b3c4d5e please');

    expect(steps).toEqual([expect.stringContaining('commit 1a2b3c4d5e: not in this test')]);
  });

  it('says of everything else that it cannot follow it', async () => {
    const { steps, kept } = await steered('I have a bad feeling about the weekend.');

    expect(kept).toEqual([]);
    expect(steps).toEqual([
      expect.stringMatching(/^failed: The evidence engine cannot follow free text: “I have a bad feeling/),
    ]);
  });

  it('does nothing that nobody asked for', async () => {
    expect(await steered()).toEqual({ steps: [], kept: [] });
  });
});
