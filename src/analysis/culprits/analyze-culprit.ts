import { z } from 'zod';
import { BadRequest, type Request } from '../requests/request.ts';
import type { CommitDocument } from './commit-document.ts';
import { matchText } from './match-text.ts';
import { readTroubleText, type TroubleText } from './read-trouble-text.ts';

/** A field that may be missing, or null. */
const optional = <Schema extends z.ZodType>(schema: Schema, otherwise: z.output<Schema>) =>
  schema.nullish().transform((value) => value ?? otherwise);
const counts = optional(z.record(z.string(), z.number()), {});
/** Git says `-` for binary files; other writers say −1 or nothing. */
const lines = z
  .union([z.number(), z.string(), z.null()])
  .transform((value) => Math.max(0, Number(value) || 0));

const candidate = z.object({
  sha: z.string(),
  time: z.number(),
  subject: optional(z.string(), ''),
  body: z.string().nullish(),
  /** Path, added lines, deleted lines. */
  files: optional(z.array(z.tuple([z.string(), lines, lines])), []),
  /** Path, old start, old length, new start, new length, identifiers of the enclosing function. */
  hunks: optional(
    z.array(
      z.tuple([
        z.string(),
        z.number(),
        z.number(),
        z.number(),
        z.number(),
        optional(z.array(z.string()), []),
      ]),
    ),
    [],
  ),
  added_identifiers: counts,
  removed_identifiers: counts,
});

export const culpritInput = z.object({
  id: z.union([z.string(), z.number()]),
  /** Unix seconds. */
  incident_time: z.number().nullish(),
  error_text: z.string().nullish(),
  report_text: z.string().nullish(),
  candidates: z.array(candidate),
});

export type CulpritInput = z.infer<typeof culpritInput>;

export interface CulpritAnswer {
  readonly id: string | number;
  readonly ranking: readonly {
    readonly sha: string;
    /** 0–1: how probable it is that this one did it; all candidates and "none of them" share one. */
    readonly score: number;
    readonly reasons: readonly string[];
  }[];
}

const dayS = 86_400;
/** Log-odds that the newest candidate has over one of long ago: enough to settle ties. */
const freshness = 0.3;
/**
 * Log-odds of "none of them": between what a culprit has (half of them above 8.5) and a commit that has nothing to do with
 * the text (below 1.2, nearly always). A commit that nothing speaks for is seldom more than 0.1 probable, also alone.
 */
const noneOfThem = 5;

/** What is compared: candidates oldest first, and the texts read as one. */
export function readQuestion(input: CulpritInput): {
  readonly candidates: readonly CulpritInput['candidates'][number][];
  readonly documents: readonly CommitDocument[];
  readonly text: TroubleText;
} {
  const candidates = input.candidates.toSorted((a, b) => a.time - b.time || (a.sha < b.sha ? -1 : 1));
  const text = readTroubleText(
    [input.error_text, input.report_text].flatMap((one, index) =>
      one === null || one === undefined || one.trim() === ''
        ? []
        : [{ text: one, weight: 1, source: index === 0 ? 'error text' : 'report' }],
    ),
  );
  return { candidates, documents: candidates.map(documentOfCandidate), text };
}

/** Candidates by how well they explain the texts. Pure: the order of the candidates does not matter. */
export function analyzeCulprit(input: CulpritInput): CulpritAnswer {
  const { candidates, documents, text } = readQuestion(input);
  const matches = matchText(documents, text);
  const at = input.incident_time ?? candidates.at(-1)?.time ?? 0;
  const odds = candidates.map(({ time }, index) => {
    const match = matches[index];
    const age = Math.max(0, at - time) / dayS;
    const late = time > at ? -4 : 0;
    return (match?.evidence ?? 0) + (match?.prior ?? 0) + freshness * Math.exp(-age / 7) + late;
  });
  const highest = odds.reduce((most, one) => Math.max(most, one), noneOfThem);
  const total = odds.reduce((sum, one) => sum + Math.exp(one - highest), Math.exp(noneOfThem - highest));
  const ranking = candidates
    .map(({ sha, time }, index) => ({
      sha,
      score: Math.exp((odds[index] ?? 0) - highest) / total,
      reasons: [
        ...(matches[index]?.reasons ?? []).slice(0, 4).map((reason) => reason.text),
        ...(time > at ? ['made after the incident began'] : []),
      ],
    }))
    .toSorted((a, b) => b.score - a.score || (a.sha < b.sha ? -1 : 1));
  return { id: input.id, ranking };
}

/** `warroom analyze culprit`. @throws BadRequest */
export function answerCulprit(request: Request): Omit<CulpritAnswer, 'id'> {
  const read = culpritInput.safeParse(request);
  if (!read.success) throw new BadRequest(z.prettifyError(read.error).split('\n').slice(0, 6).join(' '));
  const { ranking } = analyzeCulprit(read.data);
  // Digits beyond these mean nothing.
  return { ranking: ranking.map((one) => ({ ...one, score: Number(one.score.toPrecision(6)) })) };
}

function documentOfCandidate(one: CulpritInput['candidates'][number]): CommitDocument {
  return {
    sha: one.sha,
    subject: one.subject,
    body: one.body ?? '',
    files: one.files.map(([path, addedLines, removedLines]) => ({ path, addedLines, removedLines })),
    hunks: one.hunks.map(([path, , oldLength, newStart, newLength, around]) => ({
      path,
      oldLength,
      newStart,
      newLength,
      around,
    })),
    added: new Map(Object.entries(one.added_identifiers)),
    removed: new Map(Object.entries(one.removed_identifiers)),
  };
}
