import { describe, expect, it } from 'vitest';
import { openServiceSandbox } from '../../../src/agents/open-service-sandbox.ts';
import { runTests } from '../../../src/agents/tools/run-tests.ts';
import type { ServiceSandbox } from '../../../src/domain/service.ts';
import type { ReplicaSeed, ReplicaSeeds } from '../../../src/ports/replica-seeds.ts';
import type { Sandbox, SandboxProvider, SandboxSpec } from '../../../src/ports/sandbox.ts';
import { SandboxUnavailable, SideCarUnavailable } from '../../../src/ports/sandbox-errors.ts';
import type { SourceControl } from '../../../src/ports/source-control.ts';
import { aService } from '../../support/builders.ts';

const both: ServiceSandbox = { sideCars: ['postgres', 'redis'], database: 'main', environment: {} };
const signal = AbortSignal.timeout(10_000);
const spec = { incidentId: 'i1', workspace: '/nowhere' };

/** Remembers what was asked for; `refuse` says what it cannot give. */
function inventSandboxes(refuse: (spec: SandboxSpec) => Error | null, exitCode = 0) {
  const specs: SandboxSpec[] = [];
  const ran: (readonly string[])[] = [];
  const provider: SandboxProvider = {
    unavailable: async () => null,
    sweep: async () => 0,
    close: async () => undefined,
    async open(asked) {
      specs.push(asked);
      const error = refuse(asked);
      if (error !== null) throw error;
      const run: Sandbox['run'] = async (argv) => {
        ran.push(argv);
        return { exitCode, reason: 'exit', output: 'ECONNREFUSED', durationMs: 1 };
      };
      return { id: 's', run, look: run, close: async () => undefined } as unknown as Sandbox;
    },
  };
  return { provider, specs, ran };
}

const seeds = (seed: ReplicaSeed): ReplicaSeeds => ({ seedFor: async () => seed });
const made = seeds({ seed: 'select 1;', leftOut: ['3 triggers.'] });
const kinds = ({ sideCars }: SandboxSpec): string[] =>
  (sideCars ?? []).map((one) => `${one.kind}${one.kind === 'postgres' && one.seed !== '' ? ' seeded' : ''}`);
const has = (asked: SandboxSpec, kind: string): boolean =>
  asked.sideCars?.some((one) => one.kind === kind) ?? false;

describe('a sandbox with what the catalogue puts beside it', () => {
  it('is a plain one where nothing is asked for', async () => {
    const { provider, specs, ran } = inventSandboxes(() => null);

    const opened = await openServiceSandbox(
      { sandbox: provider, seeds: made },
      aService({ name: 'a' }),
      spec,
      signal,
    );
    await opened.sandbox.run(['ls'], { timeoutMs: 1, outputBytes: 1 }, signal);

    expect(specs).toEqual([{ ...spec, service: 'a', language: 'node' }]);
    expect(opened).toMatchObject({ beside: [], missing: [] });
    expect(ran).toEqual([['ls']]);
  });

  it('has seeded servers, says what they lack, and gives every command the variables', async () => {
    const { provider, specs, ran } = inventSandboxes(() => null);
    const service = aService({ name: 'a', sandbox: { ...both, environment: { APP_ENV: 'a b', TZ: 'UTC' } } });

    const { sandbox, beside, missing } = await openServiceSandbox(
      { sandbox: provider, seeds: made },
      service,
      spec,
      signal,
    );
    await sandbox.run(['npm', 'test'], { timeoutMs: 1, outputBytes: 1 }, signal);

    expect(specs.map(kinds)).toEqual([['postgres seeded', 'redis']]);
    expect(beside.join(' ')).toMatch(/127.0.0.1:5432.*3 triggers.*127.0.0.1:6379/);
    expect(missing).toEqual([]);
    expect(ran).toEqual([['env', 'APP_ENV=a b', 'TZ=UTC', 'npm', 'test']]);
  });

  it('has an empty PostgreSQL where there is no seed, or where it is refused', async () => {
    const refused = inventSandboxes((asked) =>
      kinds(asked).includes('postgres seeded')
        ? new SideCarUnavailable({ kind: 'postgres', seed: true }, 'The seed was not accepted.', 'Look.')
        : null,
    );
    const service = aService({ name: 'a', sandbox: both });

    const none = await openServiceSandbox(
      { sandbox: inventSandboxes(() => null).provider, seeds: seeds({ reason: 'the database is away.' }) },
      service,
      spec,
      signal,
    );
    const bad = await openServiceSandbox({ sandbox: refused.provider, seeds: made }, service, spec, signal);

    expect(none.missing).toEqual(['PostgreSQL beside the sandbox is empty: the database is away.']);
    expect(refused.specs.map(kinds)).toEqual([
      ['postgres seeded', 'redis'],
      ['postgres', 'redis'],
    ]);
    expect(bad.missing).toEqual([expect.stringContaining('is empty: The seed was not accepted.')]);
  });

  it('goes on without servers that cannot be had, and says so', async () => {
    const { provider, specs } = inventSandboxes((asked) => {
      const [kind] = (['redis', 'postgres'] as const).filter((one) => has(asked, one));
      return kind === undefined
        ? null
        : new SideCarUnavailable({ kind }, `No image for ${kind}.`, 'Build it.');
    });
    const service = aService({ name: 'a', sandbox: both });

    const { missing, beside } = await openServiceSandbox(
      { sandbox: provider, seeds: made },
      service,
      spec,
      signal,
    );

    expect(specs.map(kinds)).toEqual([['postgres seeded', 'redis'], ['postgres seeded'], []]);
    expect(missing).toEqual([
      expect.stringMatching(/^There is no Redis beside the sandbox: No image for redis/),
      expect.stringMatching(/^There is no PostgreSQL beside the sandbox: No image for postgres/),
    ]);
    expect(beside).toEqual([]);
  });

  it('is none where there is no sandbox at all', async () => {
    const { provider, specs } = inventSandboxes(() => new SandboxUnavailable('Docker is away.', 'Start it.'));

    await expect(
      openServiceSandbox(
        { sandbox: provider, seeds: made },
        aService({ name: 'a', sandbox: both }),
        spec,
        signal,
      ),
    ).rejects.toThrow('Docker is away.');
    expect(specs).toHaveLength(1);
  });
});

describe('tests that fail for want of a server', () => {
  const source = {
    checkout: async () => ({ path: '/nowhere', remove: async () => undefined }),
  } as unknown as SourceControl;
  const service = aService({ name: 'a', sandbox: both });
  const withoutRedis = (asked: SandboxSpec) =>
    has(asked, 'redis') ? new SideCarUnavailable({ kind: 'redis' }, 'No image.', 'Build it.') : null;

  it('say nothing about the code', async () => {
    const sandbox = inventSandboxes(withoutRedis, 1).provider;

    expect(await runTests({ source, sandbox, seeds: made }, service, 'i1', 'abc', 1_000, signal)).toEqual({
      ran: false,
      why: expect.stringContaining('There is no Redis beside the sandbox'),
    });
  });

  it('count where they pass without it, and where all was there', async () => {
    const passing = inventSandboxes(withoutRedis, 0).provider;
    const failing = inventSandboxes(() => null, 1).provider;
    const run = (sandbox: SandboxProvider) =>
      runTests({ source, sandbox, seeds: made }, service, 'i1', 'abc', 1_000, signal);

    expect(await run(passing)).toMatchObject({ ran: true, passed: true });
    expect(await run(failing)).toMatchObject({ ran: true, passed: false });
  });
});
