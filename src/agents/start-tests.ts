import type { Evidence } from '../domain/evidence.ts';
import { explainError } from '../platform/errors.ts';
import type { Notebook } from './investigator.ts';
import { observeTests, runTests, type TestRun } from './tools/run-tests.ts';
import type { ToolContext } from './tools/tool.ts';

const testTimeoutMs = 20_000;

export interface TestVerdict {
  readonly evidence: readonly Evidence[];
  /** Null when they could not run. */
  readonly passed: boolean | null;
  /** They fail at head and pass at the suspected commit's parent. */
  readonly blamesCommit: boolean;
}

/** Runs the service's tests beside the rest of the work; when they fail at head, also at a suspect's parent. */
export function startTests(
  context: ToolContext,
  head: string,
  notebook: Notebook,
  signal: AbortSignal,
): { finish(parent: string | null): Promise<TestVerdict> } {
  const { assignment, desk } = context;
  const { service, incident } = assignment;
  const run = async (at: string): Promise<TestRun> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(testTimeoutMs + 10_000)]);
    try {
      return await runTests(desk.sources, service, incident.id, at, testTimeoutMs, limit);
    } catch (error) {
      signal.throwIfAborted();
      return { ran: false, why: explainError(error) };
    }
  };
  const atHead = (async (): Promise<TestRun> => {
    await notebook.step('tests', 'Running its tests in the sandbox', 'running');
    return run(head);
  })();
  // Awaited in `finish`; until then a failure must not count as unhandled.
  atHead.catch(() => undefined);
  return {
    async finish(parent) {
      const now = await atHead;
      if (!now.ran) {
        await notebook.limit(`Tests of ${service.name} did not run: ${now.why}.`);
        await notebook.step('tests', 'Tests did not run', 'failed');
        return { evidence: [], passed: null, blamesCommit: false };
      }
      const evidence = [await notebook.keep(`tests:${head}`, observeTests(service, now, head))];
      const before = now.passed || parent === null ? null : await run(parent);
      if (before?.ran === true && parent !== null)
        evidence.push(await notebook.keep(`tests:${parent}`, observeTests(service, before, parent)));
      await notebook.step('tests', now.passed ? 'Its tests pass' : 'Its tests fail at head', 'done');
      return {
        evidence: now.passed ? [] : evidence,
        passed: now.passed,
        blamesCommit: !now.passed && before?.ran === true && before.passed,
      };
    },
  };
}
