import { z } from 'zod';
import type { Observation } from '../../../domain/evidence.ts';
import type { Bench } from '../../sandbox-desk.ts';
import { defineTool } from '../tool.ts';
import { handOver, inSandbox, observe, place, sourceFile } from './use-sandbox.ts';

const mostChars = 200_000;

export const editFilesTool = defineTool({
  name: 'edit_files',
  changing: true,
  description:
    'Writes files in your isolated workspace, to try a fix or to add a test that reproduces the fault. It changes nothing outside.',
  input: z.object({
    ...place,
    files: z
      .array(z.object({ path: sourceFile, content: z.string().max(mostChars) }))
      .min(1)
      .max(20),
  }),
  async run(context, input, signal) {
    const paths = input.files.map((file) => file.path);
    const look = { title: 'Edited files', query: `edit ${paths.join(' ')}` };
    return inSandbox(context, input, look, signal, async (bench) => {
      handOver(bench);
      await bench.sandbox.write(input.files, signal);
      return said(bench, look, paths);
    });
  },
});

export const applyPatchTool = defineTool({
  name: 'apply_patch',
  changing: true,
  description:
    'Puts your workspace back to its commit and applies a unified diff to it. Every hunk has to fit; it changes nothing outside.',
  input: z.object({ ...place, patch: z.string().min(1).max(mostChars) }),
  async run(context, input, signal) {
    const look = { title: 'Applied patch', query: 'git apply' };
    return inSandbox(context, input, look, signal, async (bench) => {
      const { source } = context.desk.sources;
      const outcome = await source.patch(bench.service, { base: bench.at, patch: input.patch }, signal);
      if (outcome.kind === 'refused') throw new RangeError(`The patch does not apply: ${outcome.reason}.`);
      await bench.sandbox.reset(null, signal);
      bench.edited = false;
      if (outcome.kind === 'no-change') return said(bench, look, []);
      handOver(bench);
      const written = outcome.changes.flatMap(({ path, content, mode }) =>
        content === null ? [] : [{ path, content, executable: mode === '100755' }],
      );
      const deleted = outcome.changes.flatMap(({ path, content }) => (content === null ? [path] : []));
      if (written.length > 0) await bench.sandbox.write(written, signal);
      if (deleted.length > 0)
        await bench.sandbox.run(
          ['rm', '-f', '--', ...deleted],
          { timeoutMs: 10_000, outputBytes: 4_096 },
          signal,
        );
      return said(
        bench,
        look,
        outcome.changes.map((change) => change.path),
      );
    });
  },
});

function said(bench: Bench, look: { title: string; query: string }, paths: readonly string[]): Observation {
  const seen = observe(bench, {
    ...look,
    summary: `Written: ${paths.slice(0, 8).join(', ') || 'nothing'}${paths.length > 8 ? ` and ${paths.length - 8} more` : ''}. Run the tests to see what it does.`,
    data: { paths },
  });
  // What an agent wrote itself says nothing about the service.
  return { ...seen, empty: true };
}
