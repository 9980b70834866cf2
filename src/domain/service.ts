/** How far Warroom may go by itself for one service. */
export type AutonomyMode = 'observe' | 'assist' | 'semi-auto' | 'collaborative';

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
  readonly language: string;
  /** Argument vector, run in the sandbox at the root of the clone; never a shell string. */
  readonly testCommand: readonly string[];
  /** Label pairs that select this service's series, for example `{ service: 'billing' }`. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Field pairs that select this service's log lines. */
  readonly logs: Readonly<Record<string, string>>;
  /** Names of services that this one calls. */
  readonly dependsOn: readonly string[];
  readonly docs: readonly string[];
  readonly dashboards: readonly string[];
  readonly mode: AutonomyMode;
}

export interface Catalogue {
  readonly services: readonly Service[];
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
