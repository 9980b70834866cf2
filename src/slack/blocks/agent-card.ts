import type { KnownBlock } from '@slack/types';
import type { InvestigationStep } from '../../domain/investigation.ts';
import type { AgentView } from '../../domain/room.ts';
import { bold, footnote, inline, section, shorten } from './mrkdwn.ts';
import { peerLines } from './peer-question.ts';
import { reasoningLines } from './reasoning.ts';
import { assemble, type Rendered } from './rendered.ts';
import { spentWords } from './spent.ts';
import { agentMark, investigatorWord } from './words.ts';

const stepMark: Record<InvestigationStep['state'], string> = { running: '⏳', done: '✓', failed: '✗' };

/** Head of one agent's thread: its verdict once it has one, what it is doing until then. */
export function renderAgentCard(view: AgentView): Rendered {
  const title = `${agentMark[view.state]} ${bold(view.service)}  ·  ${work[view.role]} ${progress[view.state]}`;
  const neighbour = view.role === 'neighbour' && view.state === 'finished';
  const blocks: KnownBlock[] = [
    section(title, ...(view.verdict === null ? [] : [inline(view.verdict)]), ...limitLines(view)),
  ];
  // A quiet neighbour deserves one line, not a report.
  if (!neighbour && view.steps.length > 0) {
    blocks.push(
      section(...view.steps.map((step) => `${stepMark[step.state]} ${shorten(inline(step.text), 220)}`)),
    );
  }
  const thoughts = reasoningLines(view.reasoning);
  if (thoughts.length > 0) blocks.push(section(...thoughts));
  const peers = peerLines(view.peers ?? [], view.verdict);
  if (peers.length > 0) blocks.push(section(...peers));
  const reasons = view.reasons.map((reason) => inline(reason)).join('; ');
  blocks.push(
    footnote(
      reasons === '' ? '' : `Looked at because ${reasons}`,
      investigatorWord[view.investigator],
      spentWords(view.spent),
    ),
  );
  const spoken = view.verdict ?? `${work[view.role]} ${progress[view.state]}`;
  return assemble(`${agentMark[view.state]} ${inline(view.service)}: ${inline(spoken)}`, blocks);
}

function limitLines(view: AgentView): string[] {
  return view.limits.map((limit) => `⚠️ ${inline(limit)}`);
}

const work: Record<AgentView['role'], string> = { suspect: 'agent', neighbour: 'quick check' };

const progress: Record<AgentView['state'], string> = {
  queued: 'queued',
  running: 'investigating …',
  finished: 'done',
  failed: 'failed',
};
