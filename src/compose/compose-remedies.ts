import { createContainerCommands } from '../adapters/docker/container-command.ts';
import { createDockerWorkloads } from '../adapters/docker/workloads.ts';
import { createKubernetesWorkloads } from '../adapters/kubernetes/kubernetes-workloads.ts';
import { createLocalCommands } from '../adapters/local-command/local-commands.ts';
import { createDatabaseAdmin } from '../adapters/postgres/database-admin.ts';
import { createDatabaseInspector } from '../adapters/postgres/database-inspector.ts';
import { createIndexTrial } from '../adapters/postgres/index-trial.ts';
import { createDatabaseQueries } from '../adapters/postgres/queries/database-queries.ts';
import { createReplicaSeeds } from '../adapters/postgres/replica-seeds.ts';
import { createStatementReader } from '../adapters/postgres/statement-reader.ts';
import { createRedisCaches } from '../adapters/redis/redis-caches.ts';
import { createSecrets } from '../adapters/secrets/secrets.ts';
import { processVariables } from '../config/read-process.ts';
import type { Catalogue } from '../domain/service.ts';
import { createKnownSecrets, type KnownSecrets } from '../platform/known-secrets.ts';
import type { CodeHost } from '../ports/code-host.ts';
import type { RemedyRegistry } from '../ports/remedy.ts';
import type { CommandRunner, WorkloadRuntime } from '../ports/runtime.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';
import type { SourceControl } from '../ports/source-control.ts';
import { createRemedies } from '../remedies/registry.ts';
import { learningSecrets } from './learn-secrets.ts';

interface Means {
  readonly catalogue: Catalogue;
  readonly source: SourceControl;
  readonly codeHost: CodeHost | null;
  readonly sandbox: SandboxProvider;
  /** Hears every credential that is read. */
  readonly known: KnownSecrets;
}

/** What the catalogue lets remedies act on; no connection is made before one is used. */
export function composeTargets(clusters: Catalogue['clusters'], known = createKnownSecrets()) {
  // Read at the moment of use; what is known of them can only be masked, never read again.
  const secrets = learningSecrets(known, createSecrets(processVariables()));
  return {
    secrets,
    inspector: createDatabaseInspector(secrets),
    caches: createRedisCaches(secrets),
    workloads: chooseWorkloads(createDockerWorkloads(), createKubernetesWorkloads(clusters, secrets)),
  };
}

/** Everything that can change the world outside, and what agents may read of services' databases. */
export function composeRemedies({ catalogue, source, codeHost, sandbox, known }: Means) {
  const { secrets, inspector, caches, workloads } = composeTargets(catalogue.clusters, known);
  const indexTrial = createIndexTrial({ secrets, sandbox });
  const seeds = createReplicaSeeds({ secrets });
  const remedies: RemedyRegistry = createRemedies({
    source,
    codeHost,
    sandbox,
    seeds,
    inspector,
    databases: createDatabaseAdmin(secrets),
    indexTrial,
    caches,
    workloads,
    commands: chooseCommands(createLocalCommands(), createContainerCommands()),
  });
  return {
    secrets,
    remedies,
    inspector,
    indexTrial,
    seeds,
    statements: createStatementReader(),
    queries: createDatabaseQueries(secrets),
  };
}

/** A workload says in the catalogue where it lives. */
function chooseWorkloads(docker: WorkloadRuntime, kubernetes: WorkloadRuntime): WorkloadRuntime {
  const of = (workload: Parameters<WorkloadRuntime['state']>[0]) =>
    'docker' in workload ? docker : kubernetes;
  return {
    state: (workload, signal) => of(workload).state(workload, signal),
    rehearse: (workload, signal) => of(workload).rehearse(workload, signal),
    restart: (workload, expected, signal) => of(workload).restart(workload, expected, signal),
  };
}

function chooseCommands(local: CommandRunner, container: CommandRunner): CommandRunner {
  return {
    run: (command, signal) => (command.container === null ? local : container).run(command, signal),
  };
}
