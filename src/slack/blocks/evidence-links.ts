import type { EvidenceRef } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { inline, link, shorten } from './mrkdwn.ts';

/** `evidence 12 · evidence 17`, each a link. */
export function citations(numbers: readonly number[], incidentId: string, links: Links): string {
  return numbers.map((number) => link(links.evidence(incidentId, number), `evidence ${number}`)).join(' · ');
}

/** One line a piece of evidence: what was looked at, then what was seen. */
export function evidenceLines(refs: readonly EvidenceRef[], incidentId: string, links: Links): string[] {
  return refs.map((ref) => {
    const seen = ref.summary === '' ? '' : ` — ${shorten(inline(ref.summary), 280)}`;
    const what = shorten(inline(`${ref.kind}: ${ref.title}`), 160);
    return `• ${link(links.evidence(incidentId, ref.number), `evidence ${ref.number}`)}  ${what}${seen}`;
  });
}
