import type { NamedCrashPoint } from '../../test/support/crash-points.ts';

/** What the fix turns out to be: it helps and stays, or things get worse and it is rolled back. */
export type Path = 'helped' | 'worse';

/** What a remedy does wrong, to see that it is counted. */
export type Flaw = 'none' | 'acts-without-looking' | 'never-answers-again';

/** Addresses that every process of a lane is given. */
export interface Place {
  readonly recordUrl: string;
  /** The journal's database. */
  readonly effectsUrl: string;
  readonly flaw: Flaw;
}

/** One plan in an incident of its own, and where the process that carries it out ends. */
export interface Run {
  /** The incident's id. */
  readonly id: string;
  readonly path: Path;
  /** Null: it lives, and its calls are counted. */
  readonly point: NamedCrashPoint | null;
}

/** What a run left, found once another process had gone on. */
export interface Outcome {
  /** Effects that there are, doing and undoing alike. */
  readonly effects: number;
  /** Effects beyond the first of the same doing or undoing of the same step. */
  readonly duplicates: number;
  /** Doings and undoings that the end of this path needs, and that are not there. */
  readonly missing: number;
  /** Why it does not go on; empty when it came to its end. */
  readonly stuck: readonly string[];
  /** What the timeline tells wrongly: a broken chain, a milestone twice or not at all. */
  readonly story: readonly string[];
}

export type Order = { readonly do: 'run'; readonly run: Run } | { readonly do: 'go-on'; readonly run: Run };

export type Reply =
  | { readonly said: 'ready' }
  /** The run came to its end in the process that began it. */
  | { readonly said: 'lived'; readonly calls: readonly string[] }
  | { readonly said: 'outcome'; readonly outcome: Outcome }
  | { readonly said: 'failed'; readonly reason: string };
