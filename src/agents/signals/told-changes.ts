import type { Symptoms } from '../../analysis/culprits/symptoms.ts';
import { type RankedChange, rankToldChanges } from '../../analysis/culprits/weigh-told-change.ts';
import { type Change, type ChangeKind, type ChangeSource, changeKinds } from '../../ports/change-source.ts';
import type { IncidentWindow } from './incident-window.ts';
import { shorten } from './say-signals.ts';

const lookBackMs = 24 * 3_600_000;
export const mostOfKind = 60;
const shaLike = /^[0-9a-f]{7,40}$/i;
/** A told change is named where commits are: below this it merely happened. */
export const changeFrom = 0.35;

/** What was told of a service, and of all of them, in the day before it began. */
export interface ToldChanges {
  /** Oldest first. */
  readonly changes: readonly Change[];
  /** More was told of these kinds than was read. */
  readonly cut: readonly ChangeKind[];
}

/**
 * Each kind by itself, the service's own before those of all services, the nearest to the onset first: a hundred deploys hide no
 * flag, and what is told of all services hides nothing of this one.
 */
export async function readToldChanges(
  source: ChangeSource,
  service: string,
  window: IncidentWindow,
  signal: AbortSignal,
): Promise<ToldChanges> {
  const from = new Date(window.onset.getTime() - lookBackMs);
  const query = { service, from, to: window.to, around: window.onset, limit: mostOfKind + 1 };
  const read = await Promise.all(
    changeKinds.map(async (kind) => ({ kind, found: await source.changes({ ...query, kind }, signal) })),
  );
  return {
    changes: read
      .flatMap(({ found }) => found.slice(0, mostOfKind))
      .toSorted((one, other) => one.at.getTime() - other.at.getTime()),
    cut: read.filter(({ found }) => found.length > mostOfKind).map(({ kind }) => kind),
  };
}

/** A told deploy is said beside its commit, marked as told: it never dates one as the service's own lines do. */
export function addReleases(symptoms: Symptoms, changes: readonly Change[]): Symptoms {
  const releases = changes.flatMap(({ kind, at, before, after }) =>
    kind === 'deploy' && after !== null && shaLike.test(after)
      ? [
          {
            sha: after.toLowerCase(),
            at: at.getTime() / 1000,
            previous: before?.toLowerCase() ?? null,
            source: 'told' as const,
          },
        ]
      : [],
  );
  const known = symptoms.releases.map((one) => one.sha);
  const fresh = releases.filter(
    ({ sha }) => !known.some((other) => sha.startsWith(other) || other.startsWith(sha)),
  );
  return fresh.length === 0 ? symptoms : { ...symptoms, releases: [...symptoms.releases, ...fresh] };
}

/** Best first. What a commit of the ranking is the content of speaks through that commit. */
export function rankChanges(
  changes: readonly Change[],
  symptoms: Symptoms,
  commits: readonly string[],
): RankedChange[] {
  const isCommit = (text: string | null): boolean =>
    text !== null && shaLike.test(text) && commits.some((sha) => sha.startsWith(text.toLowerCase()));
  return rankToldChanges(
    changes.filter((change) => !isCommit(change.after)),
    symptoms,
  );
}

/** "flag new-checkout off → on by ana, 42 s before it began" */
export function sayToldChange({ change, reasons }: RankedChange): string {
  const who = change.actor === null ? '' : ` by ${change.actor}`;
  return `${sayChanged(change)}${who}, ${reasons[0] ?? 'lately'}`;
}

/** For a claim, which says first whose word it is. @param shown the service's own telemetry has it, too */
export function sayToldCause({ change, reasons }: RankedChange, shown: boolean): string {
  const who = change.actor === null ? '' : ` by ${change.actor}`;
  const seen = shown ? 'its log lines name it' : 'not seen';
  return `was told${who}; ${seen}: ${sayChanged(change)}, ${reasons[0] ?? 'lately'}`;
}

function sayChanged({ kind, summary, before, after }: Change): string {
  const values =
    after === null ? '' : before === null ? ` → ${clip(after)}` : ` ${clip(before)} → ${clip(after)}`;
  const what = summary.toLowerCase().includes(kind) ? summary : `${kind} ${summary}`;
  return `${shorten(what)}${values}`;
}

function clip(value: string): string {
  return value.length > 40 ? `${value.slice(0, 37)}…` : value;
}
