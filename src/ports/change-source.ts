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

/** As it is pushed. */
export interface PushedChange extends Change {
  /** The sender gave no time: `at` is when it came, and the same soon after is the same change, sent again. */
  readonly undated?: boolean;
}

export interface ChangeQuery {
  readonly service: string;
  readonly from: Date;
  readonly to: Date;
  readonly limit: number;
  readonly kind?: ChangeKind;
  /** The service's own come first, then those of every service, each nearest to this time first. */
  readonly around?: Date;
}

export interface ChangeSource {
  /**
   * Changes in [from, to) of the service and of every service, at most `limit`: oldest first (the newest are kept), or in the
   * order that `around` asks for (the first are kept).
   */
  changes(query: ChangeQuery, signal: AbortSignal): Promise<Change[]>;
}
