import type { KnownBlock } from '@slack/types';
import type { OutcomeView } from '../../domain/room.ts';
import { bold, code, footnote, header, inline, link, moment, mrkdwn, section } from './mrkdwn.ts';
import { assemble, type Rendered } from './rendered.ts';

const mark: Record<OutcomeView['result'], string> = {
  helped: '✅',
  unmeasured: '❔',
  'rolled-back': '↩️',
  failed: '❌',
};

/** Did it help? Before and after by the alert's own expression, then what each remedy's own check said. */
export function renderOutcome(view: OutcomeView): Rendered {
  const title = `${mark[view.result]} ${view.headline}`;
  const blocks: KnownBlock[] = [header(title)];
  if (view.before !== null || view.after !== null) {
    blocks.push({
      type: 'section',
      fields: [mrkdwn(readingText('Before', view.before)), mrkdwn(readingText('After', view.after))],
    });
    if (view.expression !== '') {
      blocks.push(section(`Measured by the alert’s own expression: ${code(view.expression)}`));
    }
  }
  if (view.checks.length > 0) {
    blocks.push(
      section('*What the fix itself measured*', ...view.checks.map((check) => `• ${inline(check)}`)),
    );
  }
  // A header is cut at 150 characters; a longer sentence is said in full below it.
  if (title.length > 150) blocks.splice(1, 0, section(inline(view.headline)));
  if (view.links.length > 0) blocks.push(footnote(...view.links.map((each) => link(each.url, each.label))));
  return assemble(inline(title), blocks);
}

function readingText(label: string, reading: OutcomeView['before']): string {
  if (reading === null) return `*${label}*\nnot measured`;
  const value = reading.value === null ? 'the condition no longer holds' : bold(formatValue(reading.value));
  return `*${label}*  at ${moment(reading.at, '{time_secs}')}\n${value}`;
}

/** Four significant digits: more would be noise, fewer could hide the change. */
function formatValue(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}
