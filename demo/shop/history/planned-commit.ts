import type { PersonId } from '../people.ts';

/** A change of one file's text. `after` stands in the later tree exactly once, `before` in the earlier one. */
export interface PlannedEdit {
  path: string;
  before: string;
  after: string;
}

/**
 * One commit of a service's past. `adds` names files, or folders ending in "/", that arrive with it;
 * whatever they looked like then follows from the edits of later commits, taken back one by one.
 */
export interface PlannedCommit {
  author: PersonId;
  hoursAgo: number;
  message: string;
  adds?: readonly string[];
  edits?: readonly PlannedEdit[];
}
