import { styleText } from 'node:util';
import type { Sentence } from './narrate.ts';
import type { DemoResult } from './result.ts';

/** What the terminal shows; on standard error, so that `--json` has standard output to itself. */
export interface Teller {
  readonly step: (text: string) => void;
  /** Something that the person should know and that does not stop the demo. */
  readonly warn: (text: string) => void;
  readonly tell: (sentence: Sentence) => void;
  /** The address of the page, where nobody overlooks it. */
  readonly link: (title: string, url: string) => void;
  readonly summary: (result: DemoResult) => void;
}

type Style = Parameters<typeof styleText>[0];
const styles = { plain: null, good: 'green', bad: 'red', turn: ['bold', 'yellow'] } as const satisfies Record<
  Sentence['tone'],
  Style | null
>;

export function createTeller(stream: NodeJS.WriteStream = process.stderr): Teller {
  const startMs = Date.now();
  const paint = (style: Style | null, text: string) =>
    style === null ? text : styleText(style, text, { stream });
  const write = (text: string) => stream.write(`${text}\n`);
  const say = (style: Style | null, text: string) => {
    const clock = `${String(Math.round((Date.now() - startMs) / 1000)).padStart(4)} s`;
    const [first = '', ...rest] = text.split('\n');
    write(`${paint('dim', clock)}  ${paint(style, first)}`);
    for (const line of rest) write(`        ${line}`);
  };
  return {
    step: (text) => say(null, text),
    warn: (text) => say('yellow', text),
    tell: (sentence) => say(styles[sentence.tone], sentence.text),
    link: (title, url) => write(`\n        ${title}\n        ${paint(['bold', 'cyan'], url)}\n`),
    summary: (result) => write(summarise(result, paint)),
  };
}

function summarise(result: DemoResult, paint: (style: Style | null, text: string) => string): string {
  const seconds = (ms: number | null) => (ms === null ? 'not reached' : `${(ms / 1000).toFixed(1)} s`);
  const { timings, verification, expected } = result;
  const percent = (value: number | null | undefined) =>
    value == null ? 'no value' : String(Number(value.toPrecision(3)));
  const rows: [string, string][] = [
    ['fault to alert', seconds(timings.faultToAlertMs)],
    ['alert to channel', seconds(timings.alertToChannelMs)],
    ['channel to first finding', seconds(timings.channelToFirstFindingMs)],
    ['alert to root cause', seconds(timings.alertToRootCauseMs)],
    ['approval to executed', seconds(timings.approvalToExecutedMs)],
    ['executed to resolved', seconds(timings.executedToResolvedMs)],
    [
      'measure of the alert',
      `${percent(verification?.before)} before, ${percent(verification?.after)} after`,
    ],
    ...(result.plan?.measured == null
      ? []
      : [
          ['on the card', `${result.plan.measured.before} before, ${result.plan.measured.after} after`] as [
            string,
            string,
          ],
        ]),
    [
      'injected',
      expected.commit === null
        ? 'no fault'
        : `${expected.service ?? 'nobody'}, commit ${expected.commit.slice(0, 8)}`,
    ],
    [
      'found',
      `${result.rootCause?.service ?? 'nothing'}, commit ${result.rootCause?.commit?.slice(0, 8) ?? 'none'}, fix ${result.plan?.remedy ?? 'none'}`,
    ],
  ];
  const [good, bad] =
    expected.outcome === 'inconclusive'
      ? ['No fault was injected, and none is claimed.', 'No fault was injected, and one is claimed.']
      : [
          'The root cause is the fault that was injected.',
          'The root cause is not the fault that was injected.',
        ];
  const verdict = expected.right ? paint('green', good) : paint('red', bad);
  return `\n${rows.map(([name, value]) => `        ${name.padEnd(26)}${value}`).join('\n')}\n\n        ${verdict}\n`;
}
