import { z } from 'zod';
import { readTestResults } from '../../analysis/test-results/read-test-results.ts';
import type { TestReport } from '../../analysis/test-results/test-report.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { Service } from '../../domain/service.ts';
import type { CommandResult } from '../../ports/sandbox.ts';
import type { Sources } from '../investigator.ts';
import { openServiceSandbox } from '../open-service-sandbox.ts';
import { inSandbox, place, readable, startPristine, toJson, wholeOutput } from './sandbox/use-sandbox.ts';
import { defineTool, nothing, serviceOf } from './tool.ts';

const outputBytes = 64_000;
/** A report of many tests in XML or JSON is long. */
const parsedBytes = 2_000_000;
const mostFailures = 12;

/** Tests that could not run say nothing about the code. */
export type TestRun =
  | { readonly ran: true; readonly passed: boolean; readonly result: CommandResult; readonly at: string }
  | { readonly ran: false; readonly why: string };

export const runTestsTool = defineTool({
  name: 'run_tests',
  changing: true,
  description:
    'Runs the service’s own tests in your isolated workspace (no network; servers that the catalogue puts beside it are on 127.0.0.1) and shows which fail and why. Run them at a suspected commit’s parent too when they fail at head, and again after edit_files or apply_patch.',
  input: z.object({ ...place, seconds: z.number().int().min(5).max(180).default(60) }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const at = input.at ?? (await context.desk.sources.source.fetch(service, signal)).head;
    if (service.testCommand.length === 0)
      return [observeTests(service, { ran: false, why: 'the catalogue names no test command' }, at)];
    const look = { title: `Tests at ${at.slice(0, 10)}`, query: service.testCommand.join(' ') };
    return inSandbox(context, { service: service.name, at }, look, signal, async (bench) => {
      const isPristine = await startPristine(bench, signal);
      const limits = { timeoutMs: input.seconds * 1000, outputBytes: parsedBytes };
      const seen = observeTests(
        service,
        toRun(await bench.sandbox.run(service.testCommand, limits, signal), at, bench.missing),
        at,
      );
      if (isPristine) return seen;
      const title = bench.edited ? `${seen.title} with the agent’s changes` : seen.title;
      return { ...seen, kind: 'change', title };
    });
  },
});

export async function runTests(
  sources: Pick<Sources, 'source' | 'sandbox' | 'seeds'>,
  service: Service,
  incidentId: string,
  at: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TestRun> {
  if (service.testCommand.length === 0) return { ran: false, why: 'the catalogue names no test command' };
  const why = await sources.sandbox.unavailable(signal);
  if (why !== null) return { ran: false, why };
  const tree = await sources.source.checkout(service, at, signal);
  try {
    const spec = { incidentId, workspace: tree.path };
    const { sandbox, missing } = await openServiceSandbox(sources, service, spec, signal);
    try {
      const result = await sandbox.run(service.testCommand, { timeoutMs, outputBytes }, signal);
      return toRun(result, at, missing);
    } finally {
      await sandbox.close();
    }
  } finally {
    await tree.remove();
  }
}

export function observeTests(service: Service, run: TestRun, at: string): Observation {
  const command = service.testCommand.join(' ');
  const title = `Tests at ${at.slice(0, 10)}`;
  if (!run.ran) return nothing('check', service.name, title, `Tests did not run: ${run.why}.`, command);
  const { result } = run;
  const report = readTestResults(result.output, result.reason !== 'exit', result.exitCode);
  const tests = report === null ? null : { ...report, failures: report.failures.slice(0, mostFailures) };
  return {
    kind: 'check',
    service: service.name,
    title,
    summary: run.passed
      ? `The service’s own tests pass in ${(result.durationMs / 1000).toFixed(1)} s${tests === null ? '' : ` (${tests.passed} of ${tests.total})`}: no test covers this fault.`
      : `The service’s own tests fail (exit code ${result.exitCode ?? 'none'})${tests === null ? '' : sayFailures(tests)}.`,
    query: command,
    data: toJson({
      judged: run.passed ? 'calm' : 'trouble',
      command,
      exitCode: result.exitCode,
      // Where the report says what failed, its text says it again.
      output: readable(result.output, (tests?.failures.length ?? 0) > 0 ? 2_000 : 8_000),
      ...(tests === null ? {} : { tests }),
    }),
    // That no test fails is the absence of a fault: it may support `healthy`, and no cause or plan.
    empty: run.passed,
    ...wholeOutput(result.output, 8_000),
  };
}

/** `: 2 of 14, first "takes the discount off" (cart.test.js:5): 240 == 225`. */
function sayFailures({ failed, total, failures }: TestReport): string {
  const [first] = failures;
  if (first === undefined) return `: ${failed} of ${total}`;
  const at =
    first.file === undefined ? '' : ` (${first.file}${first.line === undefined ? '' : `:${first.line}`})`;
  const said = readable(first.message, 400).split('\n')[0]?.slice(0, 160) ?? '';
  return `: ${failed} of ${total}, first "${readable(first.name, 160)}"${at}${said === '' ? '' : `: ${said}`}`;
}

/** @param missing what the catalogue puts beside the sandbox and was not there */
function toRun(result: CommandResult, at: string, missing: readonly string[]): TestRun {
  const isFailing = result.reason !== 'exit' || result.exitCode !== 0;
  const why =
    isFailing && missing.length > 0
      ? `they need more than there was. ${missing.join(' ').replace(/\.$/, '')}`
      : whyNotRun(result);
  return why === null ? { ran: true, passed: result.exitCode === 0, result, at } : { ran: false, why };
}

function whyNotRun(result: CommandResult): string | null {
  if (result.reason === 'timeout') return 'they took too long';
  if (result.reason !== 'exit') return `they ended by ${result.reason}`;
  if (result.exitCode === 126 || result.exitCode === 127)
    return 'the test command is not in the sandbox image';
  if (
    /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|ModuleNotFoundError|no required module provides/.test(
      result.output,
    )
  )
    return 'their libraries are not in the sandbox image';
  return null;
}
