import path from 'node:path';
import { answerLogs } from '../../../src/analysis/logs/answer-logs.ts';
import type { Figure } from '../../benchmark.ts';
import { atLeast, bootstrap, type EvidencePart, mean, type PartOptions, round } from '../part.ts';
import { groupByDrain } from './drain-baseline.ts';
import { groupingAccuracy, groupingF1, parsingAccuracy, templateF1 } from './grouping-metrics.ts';
import { type LabelledLogs, readLabelledLogs, systems } from './loghub.ts';

const floor = 0.95;
const baseline = 'Drain, one setting with example masks';

/** Groups of log lines, of messages alone and of whole lines whose header nobody described. */
export const logGroups: EvidencePart = {
  name: 'logs',
  needs: ['loghub-2k'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const logs = await Promise.all(
      systems.map((system) => readLabelledLogs(path.join(data, 'loghub-2k'), system)),
    );
    const scores = logs.map(scoreSystem);
    for (const one of scores)
      say(
        `${one.system.padEnd(12)} GA ${one.ga.toFixed(3)} (whole lines ${one.gaRaw.toFixed(3)}, Drain ${one.drain.toFixed(3)}), FGA ${one.fga.toFixed(3)}, PA ${one.pa.toFixed(3)}, FTA ${one.fta.toFixed(3)}`,
      );
    const average = (pick: (score: Score) => number): number => mean(scores.map(pick));
    const judged = (
      metric: string,
      pick: (score: Score) => number,
      against: (score: Score) => number,
    ): Figure =>
      atLeast({
        metric,
        value: average(pick),
        unit: 'share',
        floor,
        against: baseline,
        againstValue: average(against),
        interval: bootstrap(scores, (drawn) => mean(drawn.map(pick))),
      });
    const told = (metric: string, pick: (score: Score) => number): Figure => ({
      metric,
      value: round(average(pick)),
      unit: 'share',
      target: 'told, not judged: corrected labels',
      ok: true,
    });
    return [
      judged(
        'log-ga',
        (score) => score.ga,
        (score) => score.drain,
      ),
      judged(
        'log-ga-whole-lines',
        (score) => score.gaRaw,
        (score) => score.drainRaw,
      ),
      told('log-fga', (score) => score.fga),
      told('log-pa', (score) => score.pa),
      told('log-fta', (score) => score.fta),
    ];
  },
};

interface Score {
  readonly system: string;
  readonly ga: number;
  readonly gaRaw: number;
  readonly drain: number;
  readonly drainRaw: number;
  readonly fga: number;
  readonly pa: number;
  readonly fta: number;
}

function scoreSystem(logs: LabelledLogs): Score {
  const { assignment, templates } = answerLogs({ lines: logs.content });
  const raw = answerLogs({ lines: logs.raw }).assignment;
  const texts = new Map(templates.map((template) => [template.id, template.text]));
  const predicted = assignment.map((id) => texts.get(id) ?? '');
  return {
    system: logs.system,
    ga: groupingAccuracy(logs.event, assignment),
    gaRaw: groupingAccuracy(logs.event, raw),
    drain: groupingAccuracy(logs.event, groupByDrain(logs.content)),
    drainRaw: groupingAccuracy(logs.event, groupByDrain(logs.raw)),
    fga: groupingF1(logs.eventCorrected, assignment),
    pa: parsingAccuracy(logs.templateCorrected, predicted),
    fta: templateF1(logs.eventCorrected, logs.templateCorrected, assignment, predicted),
  };
}
