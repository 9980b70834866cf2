import type { KnownBlock, SectionBlock } from '@slack/types';
import type { Measurement, PlanBody, PlannedRemedy } from '../../domain/plan.ts';
import { bold, code, escapeText, exact, inline, mrkdwn, section, shorten, showHidden } from './mrkdwn.ts';
import { planAsText } from './plan-text.ts';
import { type RoomFile, sizeOf } from './rendered.ts';

/** Above this the change is read better in a file, and Slack would refuse it soon after. */
const inlineMax = 6500;
const inlineLinesMax = 120;
const inlineBlocksMax = 30;
/** Slack shows text files up to here whole; nobody has read more than this before a click. */
const fileMax = 1_000_000;
const fieldMax = 2000;

/** Everything that will be done, word for word. `titled`: the card's headline already says the only step in full. */
export function wholeChange(body: PlanBody, titled: boolean): KnownBlock[] {
  const several = body.remedies.length > 1;
  return [
    ...(several ? [section(orderLine(body))] : []),
    ...body.remedies.flatMap((remedy, index) => [
      section(
        ...(titled ? [] : [stepTitle(remedy, index, several)]),
        `${code(remedy.kind)} on ${bold(remedy.service)}${pairs('  ·  ', remedy.params, exact)}${pairs('  ·  only while ', remedy.pins, shortCommit)}`,
        ...remedy.preview.notes.map((note) => `• ${inline(note)}`),
      ),
      ...diffBlock(remedy.preview.diff),
      ...measuredBlocks(remedy.preview.measured),
      section(`*To undo it*  ${inline(remedy.preview.undo)}`),
    ]),
  ];
}

/** What is done, step by step, without the change itself: that is a file. */
export function shortChange(body: PlanBody, attached: boolean): KnownBlock[] {
  const where = attached ? 'in this thread' : 'being attached to this thread';
  const several = body.remedies.length > 1;
  return [
    section(
      `🔗 The change is too long for a card: *the whole of it is a file ${where}.* Read it before you decide.`,
      ...(several ? [orderLine(body)] : []),
    ),
    ...body.remedies.slice(0, 5).map((remedy, index) => {
      const lines = remedy.preview.diff === '' ? 0 : remedy.preview.diff.trimEnd().split('\n').length;
      return section(
        stepTitle(remedy, index, several),
        `${code(remedy.kind)} on ${bold(remedy.service)}${lines > 0 ? `, a diff of ${lines.toLocaleString('en-US')} lines` : ''}`,
        `*To undo it*  ${inline(remedy.preview.undo)}`,
      );
    }),
    ...(body.remedies.length > 5 ? [section(`_… ${body.remedies.length - 5} more steps in the file_`)] : []),
  ];
}

/** True when nothing was cut: a section that was ends in `…` or in a count of what is missing. */
export function isWhole(blocks: readonly KnownBlock[]): boolean {
  if (sizeOf(blocks) > inlineMax || blocks.length > inlineBlocksMax) return false;
  let lines = 0;
  for (const block of blocks) {
    if (block.type === 'section' && textsOf(block).some(wasCut)) return false;
    if (block.type === 'rich_text') lines += JSON.stringify(block).split('\\n').length;
  }
  return lines <= inlineLinesMax;
}

/** Why nobody can be shown this change, so that nobody can approve it; null when it can be shown. */
export function whyUnshowable(body: PlanBody): string | null {
  const binary = body.remedies.some(({ preview }) =>
    /^(GIT binary patch|Binary files .* differ)$/m.test(preview.diff),
  );
  if (binary) return 'a part of the change is binary, and nobody can read that';
  const size = planAsText(body, '').length;
  if (size <= fileMax) return null;
  return `the change is ${size.toLocaleString('en-US')} characters long, and nobody reads more than ${fileMax.toLocaleString('en-US')}`;
}

export function planFile(body: PlanBody, digest: string): RoomFile {
  return {
    name: `plan-${digest.slice(0, 12)}.diff`,
    content: planAsText(body, digest),
    comment: `Full change of plan ${body.planId}, sha256 ${digest}.`,
  };
}

function orderLine(body: PlanBody): string {
  return `*${body.remedies.length} steps*, in this order; it stops at the first that fails.`;
}

function stepTitle(remedy: PlannedRemedy, index: number, several: boolean): string {
  return several ? `*${index + 1}.*  ${bold(remedy.preview.summary)}` : inline(remedy.preview.summary);
}

function diffBlock(diff: string): KnownBlock[] {
  if (diff === '') return [];
  const text = showHidden(diff).trimEnd();
  return [
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
    },
  ];
}

/** The same thing before and after, side by side. */
function measuredBlocks(measured: Measurement | null): KnownBlock[] {
  if (measured === null) return [];
  const fields = [
    ['Before', measured.before],
    ['After', measured.after],
  ] as const;
  const block: SectionBlock = {
    type: 'section',
    text: mrkdwn(`*Tried on a copy*  ${shorten(inline(measured.what), 1000)}`),
    fields: fields.map(([label, said]) => mrkdwn(shorten(`*${label}*\n${literal(said)}`, fieldMax))),
  };
  return [block];
}

/** Query plans and test output keep their lines; one line is plain text. */
function literal(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '–';
  if (!trimmed.includes('\n')) return inline(trimmed);
  return `\`\`\`${escapeText(trimmed).replaceAll('`', 'ˋ')}\`\`\``;
}

function pairs(
  before: string,
  values: Readonly<Record<string, unknown>>,
  spell: (text: string) => string,
): string {
  const listed = Object.entries(values).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${inline(key)} ${spell(text)}`;
  });
  return listed.length === 0 ? '' : before + listed.join(' · ');
}

/** What must hold is not what is done: a commit's first 12 digits are what people compare, and the digest binds all 40. */
function shortCommit(text: string): string {
  return code(/^[0-9a-f]{40}$/.test(text) ? text.slice(0, 12) : text);
}

function textsOf(block: SectionBlock): string[] {
  return [block.text?.text ?? '', ...(block.fields ?? []).map((field) => field.text)];
}

function wasCut(text: string): boolean {
  return /(…|\n_… \d+ more lines?_)$/.test(text);
}
