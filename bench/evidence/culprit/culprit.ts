import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  analyzeCulprit,
  type CulpritInput,
  culpritInput,
  readQuestion,
} from '../../../src/analysis/culprits/analyze-culprit.ts';
import type { Figure } from '../../benchmark.ts';
import { bootstrap, type EvidencePart, mean, type PartOptions, readGzip, round } from '../part.ts';
import {
  compareFirsts,
  judgeRanks,
  meanReciprocal,
  placeOf,
  type RankedCase,
  shareWithin,
} from '../petshop/judge-ranks.ts';
import { rankByBm25 } from './bm25-baseline.ts';
import { fitWeights, type Lesson, lessonOf, sayWeights, sharesOf } from './fit-weights.ts';

interface CulpritCase {
  readonly repository: string;
  readonly input: CulpritInput;
  readonly truth: string;
}

/** Which of thirty commits brought a bug in, from the error text alone and from the report. */
export const culprit: EvidencePart = {
  name: 'culprit',
  needs: ['culprit-commits'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const cases = await readCases(path.join(data, 'culprit-commits'));
    const unseen = askUnseen(cases);
    say(`weights fitted on all repositories: ${sayWeights(unseen.weights)}`);
    return [
      ...unseen.figures,
      ...judge('error', cases, say, { top1: 0.75, reciprocal: 0.84 }),
      ...judge('report', cases, say, { top1: 0.82, reciprocal: 0.9 }),
    ];
  },
};

function judge(
  kind: Kind,
  cases: readonly CulpritCase[],
  say: (line: string) => void,
  floors: { top1: number; reciprocal: number },
): Figure[] {
  const confidence: number[] = [];
  const ranked = cases.flatMap(({ repository, input, truth }): (RankedCase & { repository: string })[] => {
    const asked = askedBy(kind, input);
    if (asked === null) return [];
    const { ranking } = analyzeCulprit(asked);
    confidence.push(ranking[0]?.score ?? 0);
    return [
      {
        repository,
        id: String(input.id),
        own: placeOf(
          ranking.map((one) => one.sha),
          truth,
        ),
        baselines: { 'BM25, file match, a little recency': placeOf(rankByBm25(asked), truth) },
      },
    ];
  });
  for (const [repository, own] of Map.groupBy(ranked, (one) => one.repository))
    say(
      `${kind}: ${repository}, ${own.length} cases, first in ${round(shareWithin(1)(own.map((one) => one.own)))}`,
    );
  return [
    judgeRanks(`culprit-${kind}-top-1`, ranked, shareWithin(1), floors.top1),
    judgeRanks(`culprit-${kind}-mrr`, ranked, meanReciprocal, floors.reciprocal),
    judgeRanks(`culprit-${kind}-top-3`, ranked, shareWithin(3), 0.83),
    judgeRanks(`culprit-${kind}-top-5`, ranked, shareWithin(5), 0.88),
    ...compareFirsts(`culprit-${kind}`, ranked),
    {
      metric: `culprit-${kind}-confidence`,
      value: round(mean(confidence)),
      unit: 'mean score of the first',
      against: 'share of firsts that are right',
      againstValue: round(shareWithin(1)(ranked.map((one) => one.own))),
      target: 'told, not judged: calibrated where the two agree',
      ok: true,
    },
  ];
}

/** Weights fitted without a repository and asked on it: what to expect of repositories that nobody has seen. */
function askUnseen(cases: readonly CulpritCase[]): { figures: Figure[]; weights: readonly number[] } {
  const lessons = cases.flatMap(({ repository, input, truth }) =>
    kinds.flatMap((kind): (Lesson & { repository: string; kind: Kind })[] => {
      const asked = askedBy(kind, input);
      if (asked === null) return [];
      const { candidates, documents, text } = readQuestion(asked);
      const place = candidates.findIndex((one) => one.sha === truth);
      return place === -1 ? [] : [{ ...lessonOf(documents, text, place), repository, kind }];
    }),
  );
  const places = [...Map.groupBy(lessons, (one) => one.repository)].flatMap(([repository, own]) => {
    const weights = fitWeights(lessons.filter((one) => one.repository !== repository));
    return own.map(({ kind, candidates, truth }) => {
      const shares = sharesOf(candidates, weights);
      const best = shares[truth] ?? 0;
      return { kind, place: 1 + shares.filter((share, index) => index !== truth && share >= best).length };
    });
  });
  const figures = kinds.flatMap((kind) => {
    const own = places.filter((one) => one.kind === kind).map((one) => one.place);
    return (
      [
        ['top-1', shareWithin(1)],
        ['mrr', meanReciprocal],
      ] as const
    ).map(([name, figure]): Figure => {
      const { low, high } = bootstrap(own, figure);
      return {
        metric: `culprit-${kind}-${name}-unseen-repository`,
        value: round(figure(own)),
        unit: 'share',
        target: `told, not judged: 95 % interval ${round(low)} to ${round(high)}`,
        ok: true,
      };
    });
  });
  return { figures, weights: fitWeights(lessons) };
}

type Kind = 'error' | 'report';
const kinds: readonly Kind[] = ['error', 'report'];

/** The same case with one of its texts alone; null where it has none. */
function askedBy(kind: Kind, input: CulpritInput): CulpritInput | null {
  const asked: CulpritInput =
    kind === 'error' ? { ...input, report_text: null } : { ...input, error_text: null };
  return (asked.error_text ?? asked.report_text ?? '').trim() === '' ? null : asked;
}

async function readCases(folder: string): Promise<CulpritCase[]> {
  const cases: CulpritCase[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.jsonl.gz')).toSorted()) {
    const truth = JSON.parse(
      await readFile(path.join(folder, file.replace('.jsonl.gz', '.truth.json')), 'utf8'),
    ) as Record<string, { culprit: string }>;
    for (const line of (await readGzip(folder, file)).split('\n')) {
      if (line.trim() === '') continue;
      const input = culpritInput.parse(JSON.parse(line));
      cases.push({
        repository: file.replace('.jsonl.gz', ''),
        input,
        truth: truth[String(input.id)]?.culprit ?? '',
      });
    }
  }
  return cases;
}
