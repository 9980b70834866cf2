import { analyzeIncident } from '../../../src/analysis/ranking/analyze-incident.ts';
import type { IncidentInput } from '../../../src/analysis/ranking/incident-input.ts';
import type { Figure } from '../../benchmark.ts';
import { type EvidencePart, type PartOptions, round } from '../part.ts';
import { type Confidence, judgeConfidence } from '../petshop/judge-confidence.ts';
import { compareFirsts, judgeRanks, placeOf, type RankedCase, shareWithin } from '../petshop/judge-ranks.ts';
import { judgeQuiet, sayOf } from '../petshop/quiet-windows.ts';
import { rankByLargestZ } from '../petshop/root-cause-baselines.ts';
import { readNezha } from './nezha-cases.ts';

/** Where the trouble of a shop of ten services begins: metrics and traces; half of the faults show in traces alone. */
export const nezha: EvidencePart = {
  name: 'nezha',
  needs: ['nezha-onlineboutique'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const { cases, quiet } = await readNezha(data);
    const confidence: Confidence[] = [];
    const ranked = cases.map(({ input, truth, fault }): RankedCase => {
      const answer = analyzeIncident(input);
      const own = placeOf(
        answer.ranking.map((one) => one.service),
        truth,
      );
      confidence.push({ said: answer.ranking[0]?.score ?? 0, right: own === 1 });
      if (own !== 1)
        say(
          `${input.id}: ${fault} in ${truth} at ${own}, first is ${answer.ranking[0]?.service}${input.traces ? '' : ', no traces'}`,
        );
      return {
        id: String(input.id),
        own,
        baselines: { 'n-sigma': placeOf(rankByLargestZ(input), truth) },
      };
    });
    const told = (metric: string, change: (input: IncidentInput) => IncidentInput): Figure => ({
      metric,
      value: round(
        shareWithin(1)(
          cases.map(({ input, truth }) =>
            placeOf(
              analyzeIncident(change(input)).ranking.map((one) => one.service),
              truth,
            ),
          ),
        ),
      ),
      unit: 'share',
      target: 'told, not judged',
      ok: true,
    });
    return [
      judgeRanks('nezha-as-1', ranked, shareWithin(1), 0.65),
      judgeRanks('nezha-as-3', ranked, shareWithin(3), 0.9),
      judgeRanks('nezha-as-5', ranked, shareWithin(5), 0.857),
      ...compareFirsts('nezha', ranked),
      told('nezha-as-1-metrics-alone', (input) => ({ ...input, traces: null })),
      told('nezha-as-1-no-normal-traces', (input) =>
        input.traces ? { ...input, traces: { incident: input.traces.incident } } : input,
      ),
      ...judgeConfidence('nezha', [...confidence, ...quiet.map(sayOf)]),
      judgeQuiet('nezha-quiet', quiet, say),
    ];
  },
};
