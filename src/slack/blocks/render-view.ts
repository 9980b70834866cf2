import type { RoomView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { renderAgentCard } from './agent-card.ts';
import { renderFinding } from './finding.ts';
import { renderIncidentCard } from './incident-card.ts';
import { renderNotice } from './notice.ts';
import { renderOutcome } from './outcome.ts';
import { renderPeerQuestion } from './peer-question.ts';
import { renderPlanCard } from './plan-card.ts';
import { renderPostmortem } from './postmortem.ts';
import type { RenderContext, Rendered } from './rendered.ts';
import { renderRootCause } from './root-cause.ts';

/** Any view as a Slack message. Pure: the same rows give the same card. */
export function renderView(view: RoomView, links: Links, context: RenderContext): Rendered {
  switch (view.view) {
    case 'incident':
      return renderIncidentCard(view, links, context);
    case 'agent':
      return renderAgentCard(view);
    case 'finding':
      return renderFinding(view, links, context);
    case 'peer-question':
      return renderPeerQuestion(view, links, context);
    case 'root-cause':
      return renderRootCause(view, links, context);
    case 'plan':
      return renderPlanCard(view, links, context);
    case 'outcome':
      return renderOutcome(view);
    case 'postmortem':
      return renderPostmortem(view, context);
    case 'notice':
      return renderNotice(view);
    default:
      return view satisfies never;
  }
}
