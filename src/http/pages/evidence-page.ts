import type { Evidence } from '../../domain/evidence.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Links } from '../../platform/signed-links.ts';
import type { Reply } from '../route.ts';
import { evidenceData } from './evidence-data.ts';
import { html } from './html.ts';
import { pageReply } from './layout.ts';
import { timeText } from './time-text.ts';

export function evidencePage(incident: Incident, evidence: Evidence, links: Links): Reply {
  return pageReply(
    200,
    `Evidence ${evidence.number} · ${evidence.title}`,
    html`<p class="eyebrow"><a href="${links.incident(incident.id)}">${incident.title}</a></p>
<h1>Evidence ${evidence.number}: ${evidence.title}</h1>
<p class="facts"><span class="chip">${evidence.kind}</span><span><b>${evidence.service}</b></span><span>seen ${timeText(evidence.at)}</span>
${evidence.empty ? html`<span class="chip warn">nothing found</span>` : null}</p>
<p class="lead">${evidence.summary}</p>
${evidenceData(evidence.data)}
${
  evidence.query === ''
    ? null
    : html`<h2>What was asked</h2><pre class="wrap">${evidence.query}</pre><p class="soft small">Ask it again yourself to check.</p>`
}`,
  );
}
