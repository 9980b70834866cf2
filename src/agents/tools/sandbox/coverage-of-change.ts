import { z } from 'zod';
import {
  coverTouched,
  type LineCoverage,
  mergeCoverage,
} from '../../../analysis/line-coverage/line-coverage.ts';
import {
  parseCobertura,
  parseCoveragePy,
  parseGoCover,
  parseLcov,
} from '../../../analysis/line-coverage/parse-reports.ts';
import { parseV8 } from '../../../analysis/line-coverage/parse-v8.ts';
import { touchedLines } from '../../../analysis/line-coverage/touched-lines.ts';
import type { Service } from '../../../domain/service.ts';
import type { SourceControl } from '../../../ports/source-control.ts';
import { defineTool, nothing, serviceOf } from '../tool.ts';
import { askTool } from './ask-tool.ts';
import { notAnswered } from './debug-code.ts';
import type { CoverResult } from './tool-result.ts';
import { inSandbox, observe, place } from './use-sandbox.ts';

const diffBytes = 400_000;
const fileBytes = 1_000_000;
const mostFiles = 30;
const mostLines = 60;
const testFile = /(^|\/)(tests?|__tests__|spec)\/|[._]test\.|\.spec\.|(^|\/)test_[^/]*\.py$/;
const codeFile = /\.(?:[cm]?[jt]sx?|py|go|java|kt)$/;

export const coverageOfChangeTool = defineTool({
  name: 'coverage_of_change',
  changing: true,
  description:
    'Runs the service’s own tests at a commit and shows which of the lines that the commit changed were executed by them: a fault in a line that no test runs is not ruled out by passing tests.',
  input: z.object(place),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const at = input.at ?? (await source.fetch(service, signal)).head;
    const look = {
      title: 'Coverage of the change',
      query: `coverage of ${at.slice(0, 10)} by ${service.testCommand.join(' ')}`,
    };
    const touched = new Map(
      [...touchedLines(await source.diff(service, at, diffBytes, signal))]
        .filter(([file]) => codeFile.test(file) && !testFile.test(file))
        .slice(0, mostFiles),
    );
    if (touched.size === 0 || service.testCommand.length === 0) {
      const why = touched.size === 0 ? 'The commit changes no code.' : 'The catalogue names no test command.';
      return [nothing('change', service.name, look.title, why, look.query)];
    }
    return inSandbox(context, { ...input, at }, look, signal, async (bench) => {
      await bench.sandbox.reset(null, signal);
      bench.edited = false;
      const options = [...touched.keys()].map((file) => ['file', file] as const);
      const answer = await askTool(bench, 'cover', options, service.testCommand, 60, signal);
      if (!answer.answered) return notAnswered(service.name, look, answer.why);
      const sources = await readSources(source, service, at, [...touched.keys()], signal);
      const reports = answer.result.reports.map((report) => readReport(report, sources));
      const seen = coverTouched(touched, mergeCoverage(reports));
      const missed = seen.uncovered.map(({ file, lines }) => `${file}:${lines.slice(0, 5).join(',')}`);
      const summary =
        seen.touched === 0
          ? `Nothing that the tests loaded: ${seen.unknown.join(', ')}.`
          : `Tests run ${seen.covered} of ${seen.touched} changed lines${missed.length === 0 ? '' : `; not ${missed.slice(0, 3).join('; ')}`}.`;
      const uncovered = seen.uncovered.map(({ file, lines }) => ({ file, lines: lines.slice(0, mostLines) }));
      return {
        ...observe(bench, {
          ...look,
          summary,
          data: { ...seen, uncovered, notes: answer.result.notes },
        }),
        empty: seen.touched === 0 && seen.unknown.length === 0,
      };
    });
  },
});

async function readSources(
  source: SourceControl,
  service: Service,
  at: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const file of [...files, 'go.mod']) {
    const text = await source.read(service, at, file, fileBytes, signal);
    if (text !== undefined) sources.set(file, text);
  }
  return sources;
}

function readReport(
  { format, text }: CoverResult['reports'][number],
  sources: ReadonlyMap<string, string>,
): ReadonlyMap<string, LineCoverage> {
  switch (format) {
    case 'v8':
      return parseV8(text, sources);
    case 'lcov':
      return parseLcov(text);
    case 'cobertura':
      return parseCobertura(text);
    case 'coverage.py':
      return parseCoveragePy(text);
    case 'go':
      return parseGoCover(text, /^module\s+(\S+)/m.exec(sources.get('go.mod') ?? '')?.[1] ?? '');
    default:
      return format satisfies never;
  }
}
