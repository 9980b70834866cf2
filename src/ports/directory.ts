import type { Person } from '../domain/approval.ts';

/** Who people are, read live at each question. Throws `SourceUnreachable` when it cannot be known. */
export interface Directory {
  person(userId: string, signal: AbortSignal): Promise<Person>;
  /** Members of user ids, group ids (`S…`) and group handles (`@name`), flattened; unknown groups give nobody. */
  members(refs: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
}
