import { answerCulprit } from './analysis/culprits/analyze-culprit.ts';
import { answerLogs } from './analysis/logs/answer-logs.ts';
import { answerIncident } from './analysis/ranking/answer-incident.ts';
import { answerSeries } from './analysis/series/answer-series.ts';
import { type Analysis, answerLines } from './cli-analyze-lines.ts';

const analyses: Readonly<Record<string, { readonly about: string; readonly analysis: Analysis }>> = {
  logs: {
    about: '{id, lines[]}                     → {id, templates[{id,text,count}], assignment[]}',
    analysis: answerLogs,
  },
  series: {
    about: '{id, times[], values[]}           → {id, scores[], changePoints[]}',
    analysis: answerSeries,
  },
  culprit: {
    about: '{id, error_text?, report_text?, candidates[]} → {id, ranking[{sha,score,reasons[]}]}',
    analysis: answerCulprit,
  },
  incident: {
    about:
      '{id, incidentAt, metrics?, traces?, logs?, …} → {id, ranking[{service,score,reasons[]}], onset, outcome}',
    analysis: answerIncident,
  },
};

const usage = `npm run warroom -- analyze WHAT < requests.ndjson > answers.ndjson

  one request a line on standard input, one answer a line on standard output, in the same order; docs/analyze.md

${Object.entries(analyses)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

  a line that is no request is answered with {id, line, error}
  ends with 0 when every line was answered, 1 when some were not, 2 when it was called wrongly
`;

/** @returns the exit code */
export async function runAnalyze(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const chosen = name === undefined || !Object.hasOwn(analyses, name) ? undefined : analyses[name];
  if (chosen === undefined || rest.length > 0) {
    const wrong =
      name === undefined
        ? ''
        : chosen === undefined
          ? `There is no command "analyze ${name}".\n\n`
          : `"analyze ${name}" takes no arguments.\n\n`;
    process.stderr.write(`${wrong}${usage}`);
    return 2;
  }
  const began = performance.now();
  // Without a listener the end of a pipe ends the process before the catch below hears of it.
  process.stdout.on('error', () => undefined);
  try {
    const { answered, bad } = await answerLines(process.stdin, process.stdout, chosen.analysis);
    await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const processorSeconds = (userCPUTime + systemCPUTime) / 1e6;
    process.stderr.write(
      `${answered} answered, ${bad} bad, ${seconds} s, ${processorSeconds.toFixed(2)} s of processor, at most ${Math.round(maxRSS / 1024)} MB\n`,
    );
    return bad === 0 ? 0 : 1;
  } catch (error) {
    // `| head` has seen enough.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    throw error;
  }
}
