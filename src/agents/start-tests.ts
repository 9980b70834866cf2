import type { Evidence } from '../domain/evidence.ts';
import { explainError } from '../platform/errors.ts';
import type { Notebook } from './investigator.ts';
import { observeTests, runTests, type TestRun } from './tools/run-tests.ts';
import type { ToolContext } from './tools/tool.ts';

const testTimeoutMs = 20_000;
const searchMs = 20_000;

export interface TestVerdict {
  readonly evidence: readonly Evidence[];
  /** Null when they could not run. */
  readonly passed: boolean | null;
  /** The commit with which they begin to fail: they pass at its parent. */
  readonly brokenBy: string | null;
}

/** A commit and the one before it, newest first. */
interface TestedCommit {
  readonly sha: string;
  readonly parent: string | null;
}

/** Runs the service's tests beside the rest of the work; when they fail at head, also at a suspect's parent. */
export function startTests(
  context: ToolContext,
  head: string,
  notebook: Notebook,
  signal: AbortSignal,
): { finish(suspect: string | null, recent: readonly TestedCommit[]): Promise<TestVerdict> } {
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
    async finish(suspect, recent) {
      const now = await atHead;
      if (!now.ran) {
        await notebook.limit(`Tests of ${service.name} did not run: ${now.why}.`);
        await notebook.step('tests', 'Tests did not run', 'failed');
        return { evidence: [], passed: null, brokenBy: null };
      }
      const evidence = [await notebook.keep(`tests:${head}`, observeTests(service, now, head))];
      if (now.passed) {
        await notebook.step('tests', 'Its tests pass', 'done');
        return { evidence: [], passed: true, brokenBy: null };
      }
      const results = new Map<string, TestRun>([[head, now]]);
      const fails = async (sha: string): Promise<boolean | null> => {
        const known = results.get(sha) ?? (await run(sha));
        if (!results.has(sha) && known.ran)
          evidence.push(await notebook.keep(`tests:${sha}`, observeTests(service, known, sha)));
        results.set(sha, known);
        return known.ran ? !known.passed : null;
      };
      await notebook.step(
        'tests',
        'Its tests fail at head: looking for the commit that breaks them',
        'running',
      );
      const brokenBy = await findBreaking(suspect, recent, fails, Date.now() + searchMs);
      await notebook.step(
        'tests',
        brokenBy === null ? 'Its tests fail at head' : `Its tests fail since ${brokenBy.slice(0, 8)}`,
        'done',
      );
      return { evidence, passed: false, brokenBy };
    },
  };
}

/** The suspect first, since it mostly is; else by halving what is recent, while there is time. */
async function findBreaking(
  suspect: string | null,
  recent: readonly TestedCommit[],
  fails: (sha: string) => Promise<boolean | null>,
  until: number,
): Promise<string | null> {
  const accused = recent.find((commit) => commit.sha === suspect);
  if (accused?.parent && (await fails(accused.parent)) === false && (await fails(accused.sha)) === true)
    return accused.sha;
  let low = 0;
  let high = recent.length;
  // `low` fails, `high` is unknown or passes; the commit before the oldest counts as passing only once it was run.
  while (high - low > 1) {
    if (Date.now() > until) return null;
    const middle = Math.floor((low + high) / 2);
    const failing = await fails(recent[middle]?.sha ?? '');
    if (failing === null) return null;
    if (failing) low = middle;
    else high = middle;
  }
  const first = recent[low];
  if (first?.parent === undefined || first.parent === null) return null;
  return (await fails(first.sha)) === true && (await fails(first.parent)) === false ? first.sha : null;
}
