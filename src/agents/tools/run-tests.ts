import { z } from 'zod';
import type { Observation } from '../../domain/evidence.ts';
import type { Service } from '../../domain/service.ts';
import type { CommandResult } from '../../ports/sandbox.ts';
import type { Sources } from '../investigator.ts';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const outputBytes = 64_000;

/** Tests that could not run say nothing about the code. */
export type TestRun =
  | { readonly ran: true; readonly passed: boolean; readonly result: CommandResult; readonly at: string }
  | { readonly ran: false; readonly why: string };

export const runTestsTool = defineTool({
  name: 'run_tests',
  description:
    'Runs the service’s own tests in an isolated place (no network) at a commit; without one, at head. Run them at a suspected commit’s parent too when they fail at head.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    at: z
      .string()
      .regex(/^[0-9a-f]{7,40}$/)
      .optional(),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { sources } = context.desk;
    const at = input.at ?? (await sources.source.fetch(service, signal)).head;
    const run = await runTests(sources, service, context.assignment.incident.id, at, 60_000, signal);
    return [observeTests(service, run, at)];
  },
});

export async function runTests(
  sources: Pick<Sources, 'source' | 'sandbox'>,
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
    const sandbox = await sources.sandbox.open(
      { incidentId, service: service.name, language: service.language, workspace: tree.path },
      signal,
    );
    try {
      const result = await sandbox.run(service.testCommand, { timeoutMs, outputBytes }, signal);
      const why = whyNotRun(result);
      return why === null ? { ran: true, passed: result.exitCode === 0, result, at } : { ran: false, why };
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
  return {
    kind: 'check',
    service: service.name,
    title,
    summary: run.passed
      ? `The service’s own tests pass in ${(run.result.durationMs / 1000).toFixed(1)} s: no test covers this fault.`
      : `The service’s own tests fail (exit code ${run.result.exitCode ?? 'none'}).`,
    query: command,
    data: { command, exitCode: run.result.exitCode, output: clip(run.result.output.slice(-8000), 8000) },
    empty: false,
  };
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
