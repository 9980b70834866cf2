import { analyzeIncident } from '../../../src/analysis/ranking/analyze-incident.ts';
import type { Figure } from '../../benchmark.ts';
import { type EvidencePart, type PartOptions, round } from '../part.ts';
import { type Confidence, judgeConfidence } from './judge-confidence.ts';
import { compareFirsts, judgeRanks, placeOf, type RankedCase, shareWithin } from './judge-ranks.ts';
import { readPetshop } from './petshop-cases.ts';
import { judgeQuiet, sayOf } from './quiet-windows.ts';
import { rankByLargestZ, rankByTraversal } from './root-cause-baselines.ts';

/** Where the trouble of a shop in a cloud begins: metrics and a call graph, no traces. */
export const petshop: EvidencePart = {
  name: 'petshop',
  needs: ['petshop'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const { cases, quiet } = await readPetshop(data);
    const unheard: string[] = [];
    const confidence: Confidence[] = [];
    const ranked = cases.map(({ input, truth }): RankedCase => {
      const answer = analyzeIncident(input);
      if (answer.outcome === 'nothing stands out') unheard.push(String(input.id));
      const own = placeOf(
        answer.ranking.map((one) => one.service),
        truth,
      );
      confidence.push({ said: answer.ranking[0]?.score ?? 0, right: own === 1 });
      if (own !== 1) say(`${input.id}: ${truth} at ${own}, first is ${answer.ranking[0]?.service}`);
      return {
        id: String(input.id),
        own,
        baselines: {
          'largest z': placeOf(rankByLargestZ(input), truth),
          'MAD traversal of the call graph': placeOf(rankByTraversal(input), truth),
        },
      };
    });
    // Half of the quiet windows are asked with a symptom: somebody thought to feel something.
    const asked = quiet.map((input, index) =>
      index % 2 === 0
        ? input
        : { ...input, symptom: { service: 'PetSite', metric: index % 4 === 1 ? 'latency' : 'availability' } },
    );
    return [
      judgeRanks('petshop-top-1', ranked, shareWithin(1), 0.7),
      judgeRanks('petshop-top-3', ranked, shareWithin(3), 0.9),
      ...compareFirsts('petshop', ranked),
      ...judgeConfidence('petshop', [...confidence, ...asked.map(sayOf)]),
      judgeQuiet('petshop-quiet', asked, say),
      {
        metric: 'petshop-unheard',
        value: round(unheard.length / cases.length),
        unit: 'share of incidents',
        target: 'told, not judged: answered with "nothing stands out"',
        ok: true,
      },
    ];
  },
};
