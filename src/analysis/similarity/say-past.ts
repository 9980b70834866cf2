import type { Became, Lesson, SimilarIncident, TriedRemedy } from '../../domain/past-incident.ts';
import type { RemedyKind } from '../../domain/plan.ts';
import { boundedLine } from '../../platform/visible-text.ts';

const words: Readonly<Record<RemedyKind, string>> = {
  'pull-request': 'a pull request',
  'revert-commit': 'reverting the commit',
  'config-rollback': 'rolling back the configuration',
  'create-index': 'an index',
  'drop-index': 'dropping an index',
  'flush-cache': 'flushing the cache',
  'warm-cache': 'warming the cache',
  'restart-service': 'a restart',
  'run-runbook': 'a runbook',
};

const became: Readonly<Record<Became, string>> = {
  helped: 'helped',
  'did-not-help': 'did not help and was undone',
  unmeasured: 'was done, nothing measured whether it helped',
  rejected: 'was rejected',
  failed: 'failed',
  'not-run': 'was offered and not run',
};

const order: readonly Became[] = ['helped', 'unmeasured', 'did-not-help', 'failed', 'rejected', 'not-run'];
const mostTitle = 70;
const mostReason = 80;

/** `incident 2026-10-03 (user-service, “Shorten the token lifetime”)`; what stands in it is quoted from outside. */
export function sayWhich({ at, title, lesson }: Pick<SimilarIncident, 'at' | 'title' | 'lesson'>): string {
  const about = quiet(lesson?.commit?.subject ?? title, mostTitle);
  const service = lesson?.service == null ? '' : `${quiet(lesson.service, mostTitle)}, `;
  return `incident ${at.toISOString().slice(0, 10)} (${service}“${about}”)`;
}

/** `reverting the commit helped; a restart did not help and was undone`; what worked comes first. */
export function sayWhatWorked(lesson: Lesson | null): string {
  if (lesson === null) return 'what was done then is in its postmortem only';
  if (lesson.remedies.length === 0) return 'no fix was carried out by Warroom';
  const said = lesson.remedies
    .toSorted((a, b) => order.indexOf(a.became) - order.indexOf(b.became))
    .map(sayTried);
  return [...new Set(said)].slice(0, 3).join('; ');
}

/** The fix that was verified then; null when none was. */
export function whatHelped(lesson: Lesson | null): TriedRemedy | null {
  return lesson?.remedies.find((one) => one.became === 'helped') ?? null;
}

export function sayLooksLike(hit: Pick<SimilarIncident, 'at' | 'title' | 'lesson'>): string {
  return `Looks like ${sayWhich(hit)}: ${sayWhatWorked(hit.lesson)}.`;
}

export function sayLasted(lesson: Lesson | null): string | null {
  const ms = lesson?.resolvedAfterMs;
  if (ms == null) return null;
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 60
    ? `resolved after ${minutes} min`
    : `resolved after ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function sayTried({ kind, became: came, reason }: TriedRemedy): string {
  const why = reason === null || came === 'helped' ? '' : ` (“${quiet(reason, mostReason)}”)`;
  return `${words[kind]} ${became[came]}${why}`;
}

/** One line of outside text in which nothing links, hides or ends a quotation. */
export function quiet(text: string, most: number): string {
  return boundedLine(text.replaceAll('://', '[:]//').replace(/[<>`*“”]/g, ''), most);
}

/** For people who asked: the first line names it, the rest says why, how it ended and what was tried. */
export function sayHit(hit: SimilarIncident): {
  readonly heading: string;
  readonly lines: readonly string[];
} {
  const { lesson } = hit;
  const lasted = sayLasted(lesson);
  return {
    heading: `${sayWhich(hit)}: ${likenesses[hit.likeness]}, ${Math.round(100 * hit.score)} %`,
    lines: [
      ...(lesson === null || lesson.cause === '' ? [] : [`Cause: ${quiet(lesson.cause, 240)}`]),
      `Tried: ${sayWhatWorked(lesson)}${lasted === null ? '' : `; ${lasted}`}`,
      ...(hit.why.length === 0 ? [] : [`Alike: ${hit.why.join('; ')}`]),
    ],
  };
}

const likenesses = { strong: 'much alike', fair: 'somewhat alike', weak: 'some words in common' } as const;

/** What is said when nothing is worth showing. */
export function sayNoneAlike(compared: number): string {
  return compared === 0
    ? 'There is no past incident yet to compare with.'
    : compared === 1
      ? 'The one past incident is not like it.'
      : `None of ${compared} past incidents is like it.`;
}
