import type { ContextBlock, MrkdwnElement, PlainTextElement, SectionBlock } from '@slack/types';
import { spellHidden } from '../../platform/visible-text.ts';

/** Slack's limits, in characters. */
const sectionMax = 3000;
const headerMax = 150;

/**
 * Text from outside, ready for mrkdwn: `& < >` escaped, so that it can neither link, mention nor notify, and what the eye
 * cannot see made visible.
 */
export function escapeText(text: string): string {
  return showHidden(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** For topics, which Slack reads for addresses by itself: what came with an alert is no link there either. */
export function unlinked(text: string): string {
  return inline(text)
    .replaceAll('://', '[:]//')
    .replace(/\bwww(?=\.)/gi, '$& ');
}

/** Escaped, on one line, and without what would pass for a part of the card: code blocks, bold words, emoji by name. */
export function inline(text: string): string {
  return escapeText(text.replace(/\s+/g, ' ').trim())
    .replace(/`{2,}/g, (marks) => 'ˋ'.repeat(marks.length))
    .replace(/(^|[\s(])\*(?=\S)/g, '$1∗')
    .replace(/:(?=[a-z][\w+'-]*:)/gi, '∶');
}

/** `*` in the text itself would end the bold early. */
export function bold(text: string): string {
  const safe = inline(text).replaceAll('*', '∗');
  return safe === '' ? '' : `*${safe}*`;
}

export function code(text: string): string {
  const safe = inline(text).replaceAll('`', 'ˋ');
  return safe === '' ? '' : `\`${safe}\``;
}

/**
 * Word for word in a code span: every blank but a single space between two words, and the backtick that would end the span,
 * is written out like a character that cannot be seen.
 */
export function exact(text: string): string {
  const spelled = text
    .replace(/`|[^\S ]|^ | $/g, spellOut)
    .replace(/ {2,}/g, (gap) => `⟨${gap.length} spaces⟩`);
  return `\`${spelled === '' ? '⟨nothing⟩' : escapeText(spelled)}\``;
}

function spellOut(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** A link whose address cannot break out of the angle brackets; plain text when it is not a web address. */
export function link(url: string, label: string): string {
  if (!/^https?:\/\//i.test(url)) return inline(label);
  return `<${url.replaceAll('&', '&amp;').replace(/[<>|\s]/g, (found) => encodeURIComponent(found))}|${inline(label).replaceAll('|', '¦')}>`;
}

/** A person, a group (`S…`) or a handle as the catalogue spells it. */
export function mention(ref: string): string {
  if (/^[UW][A-Z0-9]+$/.test(ref)) return `<@${ref}>`;
  if (/^S[A-Z0-9]+$/.test(ref)) return `<!subteam^${ref}>`;
  return inline(ref);
}

/** A channel as the configuration spells it: an id becomes a link, `#name` stays as it is. */
export function channelName(ref: string): string {
  return /^[CG][A-Z0-9]{6,}$/.test(ref) ? `<#${ref}>` : inline(ref);
}

/** A moment in the reader's own time zone; the fallback is UTC. */
export function moment(iso: string, format = '{time}'): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return inline(iso);
  const utc = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^${format}|${utc}>`;
}

/**
 * Control, bidirectional, zero-width, private and tag characters and halves of characters written out as `⟨U+202E⟩`, and gaps long enough to push text out of
 * sight as `⟨200 spaces⟩`: what is approved must be what is seen. Line feeds and tabs stay.
 */
export function showHidden(text: string): string {
  return spellHidden(text, spellOut).replace(
    /[ \t\u00a0\u2000-\u200a\u3000]{80,}/g,
    (gap) => `⟨${gap.length} spaces⟩`,
  );
}

/** Cuts between characters, never inside one, nor inside an escape such as `&amp;`. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text
    .slice(0, Math.max(0, max - 1))
    .replace(/&[a-z]{0,4}$/, '')
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}

/** Whole lines up to `max` characters, then how many are missing. */
export function fitLines(lines: readonly string[], max: number): string {
  const whole = lines.join('\n');
  if (whole.length <= max) return whole;
  const room = max - 24;
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += line.length + 1;
    if (used > room) break;
    kept.push(line);
  }
  if (kept.length === 0) kept.push(closeLinks(shorten(lines[0] ?? '', room)));
  const missing = lines.length - kept.length;
  if (missing > 0) kept.push(`_… ${missing} more ${missing === 1 ? 'line' : 'lines'}_`);
  return kept.join('\n');
}

/** A cut may have left `<https://…` open: drop what cannot be closed. */
function closeLinks(text: string): string {
  const open = text.lastIndexOf('<');
  return open > text.lastIndexOf('>') ? `${text.slice(0, open)}…` : text;
}

export function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Header and button texts are plain: nothing is parsed, so nothing is escaped. */
export function plain(text: string, max: number): PlainTextElement {
  const shown = shorten(showHidden(text).replace(/\s+/g, ' ').trim(), max);
  return { type: 'plain_text', text: shown === '' ? '–' : shown, emoji: true };
}

export function header(text: string): { type: 'header'; text: PlainTextElement } {
  return { type: 'header', text: plain(text, headerMax) };
}

/** A section from lines that are already mrkdwn; too many are counted, not dropped in silence. */
export function section(...lines: readonly string[]): SectionBlock {
  return { type: 'section', text: mrkdwn(fitLines(lines.join('\n').split('\n'), sectionMax) || '–') };
}

/** Small grey text, pieces parted by a middle dot. */
export function footnote(...pieces: readonly string[]): ContextBlock {
  const text = pieces.filter((piece) => piece !== '').join('  ·  ');
  return { type: 'context', elements: [mrkdwn(fitLines([text], sectionMax) || '–')] };
}
