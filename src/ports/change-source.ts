export const changeKinds = ['deploy', 'config', 'flag', 'dependency', 'infrastructure'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** Something that somebody changed, as a pipeline, a flag service or a person told it. */
export interface Change {
  readonly at: Date;
  /** Null where it concerns every service. */
  readonly service: string | null;
  readonly kind: ChangeKind;
  readonly actor: string | null;
  /** One line: "flag new-checkout", "node pool web". */
  readonly summary: string;
  readonly before: string | null;
  /** Of a deploy, the commit or version that went live. */
  readonly after: string | null;
  readonly url: string | null;
}

export interface ChangeSource {
  /** Changes in [from, to) of the service and of every service, oldest first, at most `limit` (the newest are kept). */
  changes(
    query: { service: string; from: Date; to: Date; limit: number },
    signal: AbortSignal,
  ): Promise<Change[]>;
}
