import type { Service, SideCarKind } from '../domain/service.ts';
import { explainError } from '../platform/errors.ts';
import type { ReplicaSeeds } from '../ports/replica-seeds.ts';
import type { Sandbox, SandboxProvider, SideCar } from '../ports/sandbox.ts';
import { SideCarUnavailable } from '../ports/sandbox-errors.ts';

export interface SandboxMeans {
  readonly sandbox: SandboxProvider;
  /** Without it a PostgreSQL beside a sandbox is empty. */
  readonly seeds?: ReplicaSeeds;
}

/** A sandbox with what the catalogue puts beside it, as far as that can be had. */
export interface ServiceSandbox {
  /** Its commands have the service's variables. */
  readonly sandbox: Sandbox;
  /** Sentences: where servers are, and what they lack. */
  readonly beside: readonly string[];
  /** Sentences: what the catalogue asks for and is not there. Code that fails then may fail for that. */
  readonly missing: readonly string[];
}

const places: Readonly<Record<SideCarKind, string>> = {
  postgres: 'PostgreSQL at 127.0.0.1:5432, user and database postgres, no password',
  redis: 'Redis at 127.0.0.1:6379, empty',
};
const names: Readonly<Record<SideCarKind, string>> = { postgres: 'PostgreSQL', redis: 'Redis' };

/** @throws what `SandboxProvider.open` throws, but not for want of a side-car: then there is none, and it is said */
export async function openServiceSandbox(
  means: SandboxMeans,
  service: Service,
  spec: { readonly incidentId: string; readonly workspace: string },
  signal: AbortSignal,
): Promise<ServiceSandbox> {
  const { sideCars: asked, environment } = service.sandbox;
  const missing: string[] = [];
  const leftOut: string[] = [];
  let sideCars: readonly SideCar[] = await Promise.all(asked.map(prepare));

  async function prepare(kind: SideCarKind): Promise<SideCar> {
    if (kind === 'redis') return { kind };
    const made = (await means.seeds?.seedFor(service, signal)) ?? { reason: 'no seeds are made here.' };
    if ('reason' in made) {
      missing.push(`PostgreSQL beside the sandbox is empty: ${made.reason}`);
      return { kind, seed: '' };
    }
    leftOut.push(...made.leftOut);
    return { kind, seed: made.seed };
  }

  /** What is asked for next; it is less each time. */
  function without(error: SideCarUnavailable): readonly SideCar[] {
    const isSeed = error.ofSeed && sideCars.some((one) => one.kind === 'postgres' && one.seed !== '');
    const why = explainError(error);
    missing.push(
      isSeed
        ? `PostgreSQL beside the sandbox is empty: ${why}`
        : `There is no ${names[error.kind]} beside the sandbox: ${why}`,
    );
    return isSeed
      ? sideCars.map((one) => (one.kind === 'postgres' ? { ...one, seed: '' } : one))
      : sideCars.filter(({ kind }) => kind !== error.kind);
  }

  for (;;) {
    try {
      const { name, language } = service;
      const sandbox = await means.sandbox.open(
        { ...spec, service: name, language, ...(sideCars.length === 0 ? {} : { sideCars }) },
        signal,
      );
      return { sandbox: withVariables(sandbox, environment), beside: sayBeside(sideCars, leftOut), missing };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SideCarUnavailable) || !sideCars.some(({ kind }) => kind === error.kind))
        throw error;
      sideCars = without(error);
    }
  }
}

function sayBeside(sideCars: readonly SideCar[], leftOut: readonly string[]): string[] {
  return sideCars.flatMap((one) => {
    if (one.kind === 'redis' || one.seed === '') return [`${places[one.kind]}.`];
    return [
      `${places.postgres}; its tables are those of the service’s database in small, their rows are made up.`,
      ...leftOut.map((what) => `Not in that database: ${what}`),
      'The table warroom_seed.left_out there says what could not be brought back.',
    ];
  });
}

/** A command is a vector of words, and `env` of every image puts variables before one. */
function withVariables(sandbox: Sandbox, environment: Readonly<Record<string, string>>): Sandbox {
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  if (words.length === 0) return sandbox;
  return {
    id: sandbox.id,
    run: (argv, options, signal) => sandbox.run(['env', ...words, ...argv], options, signal),
    look: (argv, options, signal) => sandbox.look(argv, options, signal),
    write: (files, signal) => sandbox.write(files, signal),
    changes: (most, signal) => sandbox.changes(most, signal),
    snapshot: (signal) => sandbox.snapshot(signal),
    reset: (snapshot, signal) => sandbox.reset(snapshot, signal),
    close: () => sandbox.close(),
  };
}
