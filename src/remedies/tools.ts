import type { CacheStore } from '../ports/cache-store.ts';
import type { CodeHost } from '../ports/code-host.ts';
import type { DatabaseInspector } from '../ports/database.ts';
import type { DatabaseAdmin } from '../ports/database-admin.ts';
import type { IndexTrial } from '../ports/index-trial.ts';
import type { ReplicaSeeds } from '../ports/replica-seeds.ts';
import type { CommandRunner, WorkloadRuntime } from '../ports/runtime.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';
import type { SourceControl } from '../ports/source-control.ts';

/** What remedies act with. */
export interface Tools {
  readonly source: SourceControl;
  /** Null: none is connected, and the previews of what needs one say so. */
  readonly codeHost: CodeHost | null;
  readonly sandbox: SandboxProvider;
  /** Makes what a PostgreSQL beside a sandbox begins with; without it that is empty. */
  readonly seeds?: ReplicaSeeds;
  readonly inspector: DatabaseInspector;
  readonly databases: DatabaseAdmin;
  readonly indexTrial: IndexTrial;
  readonly caches: CacheStore;
  readonly workloads: WorkloadRuntime;
  readonly commands: CommandRunner;
}
