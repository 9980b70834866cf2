import { z } from 'zod';
import type { Observation } from '../../domain/evidence.ts';
import type { PeerAnswer } from '../../domain/peer-question.ts';
import type { Peers } from '../investigator.ts';
import { cite, readService } from '../look-at-service.ts';
import { sayHealthy, saySymptom } from '../say-claims.ts';
import { joinPhrases } from '../signals/say-signals.ts';
import { observeLogs } from './log-templates.ts';
import { observeMetrics } from './metric-overview.ts';
import { defineTool, nothing, serviceOf, type ToolContext } from './tool.ts';
import { observeTraces } from './trace-edges.ts';

const beginsFrom = 0.5;
const passedOnFrom = 0.33;
const abnormalFrom = 0.35;
const mostChars = 240;

const verdictWord: Record<PeerAnswer['verdict'], string> = {
  mine: 'Yes, it begins here',
  'not-mine': 'No, not here',
  'passed-on': 'No, it comes from further on',
  unclear: 'Cannot say',
};

export const askPeerTool = defineTool({
  name: 'ask_peer',
  description:
    'Asks the agent of another service one question, such as whether the failures that you see begin with it. It answers from what it has found so far, else from a quick look at its telemetry. A few questions at most: ask what your evidence raises.',
  input: z.object({
    service: z.string().describe('Whom you ask.'),
    question: z.string().min(8).max(300).describe('One sentence.'),
    evidence: z
      .array(z.number().int().positive())
      .min(1)
      .max(8)
      .describe('Numbers of the evidence that raises it.'),
  }),
  async run(context, input) {
    const to = serviceOf(context, input.service).name;
    const { peers } = context.kept;
    const title = `What ${to} answers`;
    if (peers === undefined)
      return [nothing('topology', to, title, 'Nobody can be asked here.', input.question)];
    const asked = await peers.ask({ to, text: input.question, evidence: input.evidence });
    const answer = asked.answer ?? (await lookForIt(context, peers, to));
    if (asked.answer === null) await peers.answer(asked, answer);
    const cited = answer.evidence.length === 0 ? '' : ` (evidence ${answer.evidence.join(', ')})`;
    return [
      {
        kind: 'topology',
        service: to,
        title,
        summary: `${verdictWord[answer.verdict]}: ${answer.text}${cited}`,
        query: input.question,
        data: { from: asked.from, to, verdict: answer.verdict, evidence: [...answer.evidence] },
        empty: false,
      },
    ];
  },
});

/** Its agent has said nothing that answers it: what anybody sees who looks at its telemetry. */
async function lookForIt(context: ToolContext, peers: Peers, service: string): Promise<PeerAnswer> {
  const look = await readService(context, service);
  const { judgement, signals, window } = look;
  const seen: Observation[] = [
    observeMetrics(service, signals.metrics, window),
    observeTraces(service, signals.traces, window),
    observeLogs(service, signals.logs, window),
  ];
  const rows = [];
  for (const one of seen) rows.push(await peers.keep(`${service}/${one.kind}`, one));
  const evidence = cite(rows, ['metric', 'trace', 'log']);
  const [blame] = judgement.blames;
  if (blame !== undefined && blame.share >= passedOnFrom && blame.share > judgement.own)
    return {
      verdict: 'passed-on',
      text: `${service} suffers from ${blame.service}: ${blame.reason}.`,
      evidence,
    };
  if (judgement.own >= beginsFrom) return { verdict: 'mine', text: `${saySymptom(look)}.`, evidence };
  if (Math.max(judgement.abnormal, judgement.own) < abnormalFrom)
    return {
      verdict: evidence.length === 0 ? 'unclear' : 'not-mine',
      text: sayHealthy(look),
      evidence,
    };
  return { verdict: 'unclear', text: `${service}: ${joinPhrases(judgement.reasons, mostChars)}.`, evidence };
}
