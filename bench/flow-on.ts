import { parseCatalogue } from '../src/config/catalogue.ts';
import type { Policy } from '../src/config/policy.ts';
import { auditKeyOf } from '../src/domain/audit-seal.ts';
import type { FlowContext } from '../src/flow/context.ts';
import { systemClock } from '../src/platform/clock.ts';
import { SourceUnreachable } from '../src/platform/errors.ts';
import { silentLog } from '../src/platform/log.ts';
import { createLinks } from '../src/platform/signed-links.ts';
import { openRecord } from '../src/store/open-record.ts';

const secret = 'a-secret-that-all-processes-of-a-bench-share';

/** The parts of a flow that carry a plan from a card to a target; whoever asks for another part is refused. */
export type Carrying = Pick<FlowContext, 'catalogue' | 'remedies' | 'directory' | 'queue'> & {
  readonly policy?: Partial<Policy>;
  readonly metrics?: FlowContext['sources']['metrics'];
};

/** A flow on this database, as each process of an installation has one. */
export async function flowOn(
  databaseUrl: string,
  carrying: Carrying,
): Promise<{ flow: FlowContext; close(): Promise<void> }> {
  const store = await openRecord({ databaseUrl, dataDir: null, auditKey: auditKeyOf(secret) });
  const { policy, metrics, ...parts } = carrying;
  const investigator = { name: 'evidence' as const, investigate: refuse };
  const refused = new Proxy({}, { get: () => refuse }) as never;
  const flow: FlowContext = {
    ...parts,
    record: store.record,
    audit: store.audit,
    telemetry: store.telemetry,
    policy: { ...standardPolicy(), ...policy },
    sources: {
      metrics: metrics ?? null,
      logs: store.telemetry,
      traces: store.telemetry,
      source: refused,
      databases: null,
      statements: null,
      sandbox: refused,
    },
    investigator,
    evidence: investigator,
    alertSource: null,
    answerer: refused,
    codeHost: null,
    links: createLinks('http://warroom.example', secret),
    clock: systemClock,
    log: silentLog,
  };
  return { flow, close: () => store.close() };
}

/** Work is done when the bench says so, and found in the rows. */
export const noQueue: FlowContext['queue'] = {
  advance: async () => undefined,
  fanOut: async () => undefined,
  investigate: async () => undefined,
  answer: async () => undefined,
};

function standardPolicy(): Policy {
  return parseCatalogue(
    'services: [{ name: x, repository: { url: "https://x.example/x.git", slug: x/x }, language: node, testCommand: [x] }]',
    'bench',
  ).policy;
}

async function refuse(): Promise<never> {
  throw new SourceUnreachable('This part is not in the bench.', 'Use another.');
}
