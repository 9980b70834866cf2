import type { KnownBlock } from '@slack/types';
import type { RootCauseView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { evidenceLines } from './evidence-links.ts';
import { bold, code, footnote, header, inline, link, section } from './mrkdwn.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';
import { investigatorWord, outcomeWord } from './words.ts';

/** What the agents' claims add up to. Inconclusive is an answer too: what is ruled out, what to look at next. */
export function renderRootCause(view: RootCauseView, links: Links, context: RenderContext): Rendered {
  const title = `${outcomeWord[view.outcome]}${view.service === null ? '' : `: ${view.service}`}`;
  const blocks: KnownBlock[] = [header(title), section(inline(view.statement))];
  if (view.commit !== null) blocks.push(section(commitLine(view.commit)));
  if (view.path.length > 1) {
    blocks.push(section(`*How it spread*  ${view.path.map((service) => inline(service)).join('  →  ')}`));
  }
  const evidence = evidenceLines(view.evidence, context.incidentId, links);
  if (evidence.length > 0) blocks.push(section('*Evidence*', ...evidence));
  const open = view.open ?? [];
  if (open.length > 0) blocks.push(section('*Still open*', ...bullets(open)));
  if (view.nextChecks.length > 0) blocks.push(section('*Check next*', ...bullets(view.nextChecks)));
  if (view.ruledOut.length > 0) blocks.push(section('*Ruled out*', ...bullets(view.ruledOut)));
  return assemble(`${inline(title)}. ${inline(view.statement)}`, blocks, {
    keep: [
      footnote(
        investigatorWord[view.investigator],
        `Outcome decided by code from ${view.evidence.length} pieces of evidence`,
      ),
    ],
    more: link(links.incident(context.incidentId), 'see all of it'),
  });
}

function commitLine(commit: NonNullable<RootCauseView['commit']>): string {
  const sha = commit.sha.slice(0, 10);
  const shown = commit.url === null ? code(sha) : link(commit.url, sha);
  return `*Commit* ${shown} ${bold(commit.subject)} by ${inline(commit.author)}`;
}

function bullets(lines: readonly string[]): string[] {
  return lines.map((line) => `• ${inline(line)}`);
}
