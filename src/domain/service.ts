import type { RemedyKind } from './plan.ts';

/** How far Warroom may go by itself for one service. */
export type AutonomyMode = 'observe' | 'assist' | 'semi-auto' | 'collaborative';

/** Where a credential is: read at the moment of use, never kept, never in the catalogue itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** A PostgreSQL database that belongs to the service. */
export interface DatabaseTarget {
  readonly name: string;
  /** A `postgres://` URL of a role that may read, and may create and drop indexes. */
  readonly url: SecretRef;
  /** Schemas whose tables may be indexed. */
  readonly schemas: readonly string[];
  /** Field pairs that select this database's own log lines; null when they do not reach Warroom. */
  readonly logs: Readonly<Record<string, string>> | null;
  /** Whether agents may read rows of it; absent: no, since rows can be personal data. */
  readonly queries?: boolean;
  /** A `postgres://` URL of a role that can only read; rows are read through no other. */
  readonly readUrl?: SecretRef | null;
}

/** A Redis that belongs to the service. */
export interface CacheTarget {
  readonly name: string;
  /** A `redis://` URL. */
  readonly url: SecretRef;
  /** Key patterns (Redis globs with a fixed prefix) that may be flushed and warmed; nothing else may. */
  readonly patterns: readonly string[];
}

export type Workload =
  | { readonly name: string; readonly docker: { readonly container: string } }
  | {
      readonly name: string;
      readonly kubernetes: {
        readonly cluster: string;
        readonly namespace: string;
        readonly deployment: string;
      };
    };

/** A value of a runbook's parameter: what is allowed, and nothing else. */
export type RunbookParameter =
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  /** Matched whole; the pattern is RE2-safe by construction: letters, digits and classes with bounded repeats. */
  | { readonly type: 'text'; readonly pattern: string; readonly maxLength: number };

/** A command that operators wrote down. Arguments are a vector; `{name}` stands for a parameter, never for more than one argument. */
export interface Runbook {
  readonly name: string;
  readonly description: string;
  readonly argv: readonly string[];
  readonly parameters: Readonly<Record<string, RunbookParameter>>;
  /** `local`: beside Warroom. Otherwise inside a Docker container. */
  readonly where: 'local' | { readonly container: string };
  readonly timeoutSeconds: number;
  /** What undoes it; null: it cannot be undone, and it never runs by itself. */
  readonly inverse: readonly string[] | null;
  /** The least class that it is given. */
  readonly risk: 'low' | 'medium' | 'high';
}

/** What may run without a click for this service, where `mode` allows it at all. */
export interface Autonomy {
  /** Kinds that may run by themselves. */
  readonly kinds: readonly RemedyKind[];
  /** At most so many plans an hour; the next one waits for a person. */
  readonly perHour: number;
  /** How long a medium plan is announced before it runs (collaborative). */
  readonly countdownSeconds: number;
}

/** A server that commands in the sandbox reach on its loopback. */
export type SideCarKind = 'postgres' | 'redis';

/** What a service's code finds where agents run it, besides its own files. */
export interface ServiceSandbox {
  readonly sideCars: readonly SideCarKind[];
  /** Name of the one of `databases` whose schema the PostgreSQL there has; null without one. */
  readonly database: string | null;
  /** Variables of every command there. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One entry of the service catalogue (`warroom.yaml`). The only source of targets. */
export interface Service {
  readonly name: string;
  readonly description: string;
  /** Clone URL, and `owner/name` on the code host when it is hosted. */
  readonly repository: { readonly url: string; readonly slug: string; readonly branch: string };
  /** Slack user ids (`U…`) or user-group ids or handles (`S…`, `@handle`) to invite. */
  readonly owners: readonly string[];
  /** Who may approve a plan for this service. Empty means nobody. */
  readonly approvers: readonly string[];
  /** Who is on call, as a group that the duty roster keeps: may approve as approvers may. */
  readonly onCall: readonly string[];
  /** Who may approve when none of the above is there, or when they let `fallbackAfterMinutes` pass. */
  readonly fallbackApprovers: readonly string[];
  readonly language: string;
  /** Argument vector, run in the sandbox at the root of the clone; never a shell string. */
  readonly testCommand: readonly string[];
  readonly sandbox: ServiceSandbox;
  /** Label pairs that select this service's series, for example `{ service: 'billing' }`. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Field pairs that select this service's log lines. */
  readonly logs: Readonly<Record<string, string>>;
  /** Names of services that this one calls. */
  readonly dependsOn: readonly string[];
  readonly docs: readonly string[];
  readonly dashboards: readonly string[];
  readonly mode: AutonomyMode;
  readonly autonomy: Autonomy;
  readonly databases: readonly DatabaseTarget[];
  readonly caches: readonly CacheTarget[];
  /** Files of the repository that hold configuration and may be rolled back by themselves. */
  readonly configuration: readonly string[];
  readonly workloads: readonly Workload[];
  readonly runbooks: readonly Runbook[];
}

/** A Kubernetes API that workloads live behind. */
export interface Cluster {
  readonly name: string;
  readonly server: string;
  readonly token: SecretRef;
  /** PEM file of the API's certificate authority; null: the system's own. */
  readonly caFile: string | null;
}

export interface Catalogue {
  readonly services: readonly Service[];
  readonly clusters: readonly Cluster[];
}

export function findService(catalogue: Catalogue, name: string): Service | undefined {
  return catalogue.services.find((service) => service.name === name);
}

/** Names of direct callers and callees, without the service itself. */
export function neighboursOf(catalogue: Catalogue, name: string): string[] {
  const near = new Set(findService(catalogue, name)?.dependsOn ?? []);
  for (const service of catalogue.services) if (service.dependsOn.includes(name)) near.add(service.name);
  near.delete(name);
  return [...near].sort();
}
