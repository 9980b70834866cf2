import { z } from 'zod';
import { collectSymptoms } from '../signals/collect-symptoms.ts';
import { rankFor, readRepository } from '../signals/commit-signals.ts';
import { judgeService } from '../signals/judge-service.ts';
import { observeRanked } from './show-commit.ts';
import { defineTool, nothing, serviceOf } from './tool.ts';

export const suspectCommitsTool = defineTool({
  name: 'suspect_commits',
  description:
    'Recent commits of a service ranked by how well they explain its symptoms (error texts, stack frames, routes, settings, release times), with reasons and diffs of the best three.',
  input: z.object({ service: z.string().optional().describe('Defaults to your own service.') }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { desk, assignment } = context;
    const [traces, metrics, logs, window] = [
      await desk.traces(),
      await desk.metrics(service.name),
      await desk.logs(service.name),
      await desk.window(),
    ];
    const signals = { traces, metrics, logs };
    const judgement = judgeService(service.name, assignment.alerts, signals);
    const view = await readRepository(desk.sources.source, service, window.onset, signal);
    const ranking = rankFor(view, collectSymptoms(judgement, signals, window));
    if (ranking.length === 0)
      return [nothing('change', service.name, 'Suspect commits', 'There are no commits.', 'git log')];
    return ranking
      .slice(0, 3)
      .map((ranked, place) =>
        observeRanked(service.name, ranked, view.diffs.get(ranked.commit.sha) ?? '', place),
      );
  },
});
