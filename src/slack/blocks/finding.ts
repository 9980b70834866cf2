import type { FindingView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { evidenceLines } from './evidence-links.ts';
import { bold, footnote, inline, section } from './mrkdwn.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';
import { confidenceWord, findingMark } from './words.ts';

const title: Record<FindingView['kind'], string> = {
  symptom: 'Abnormal',
  blame: 'Caused elsewhere',
  cause: 'It starts here',
  healthy: 'Nothing abnormal',
  partial: 'Stopped early',
};

/** One claim in an agent's thread, with what it rests on. */
export function renderFinding(view: FindingView, links: Links, context: RenderContext): Rendered {
  const mark = findingMark[view.kind];
  const evidence = evidenceLines(view.evidence, context.incidentId, links);
  return assemble(
    `${mark} ${inline(view.service)}: ${inline(view.text)}`,
    [
      section(`${mark} ${bold(`${title[view.kind]} · ${view.service}`)}`, inline(view.text)),
      ...(evidence.length > 0 ? [section(...evidence)] : []),
    ],
    { keep: isNoBelief(view) ? [] : [footnote(confidenceWord(view.confidence))] },
  );
}

/** These state no belief that a number could be put to. */
function isNoBelief({ kind }: FindingView): boolean {
  return kind === 'healthy' || kind === 'partial';
}
