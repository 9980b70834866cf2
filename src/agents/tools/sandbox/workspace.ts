import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { inSandbox, observe, place, readable } from './use-sandbox.ts';

const most = { files: 200, bytes: 4 * 1024 * 1024 };
const shownFiles = 20;
const shownChars = 2_000;

export const workspaceChangesTool = defineTool({
  name: 'workspace_changes',
  changing: true,
  description: 'What differs in your isolated workspace from the commit it was opened at.',
  input: z.object(place),
  async run(context, input, signal) {
    const look = { title: 'Changes of the workspace', query: 'diff of the workspace' };
    return inSandbox(context, input, look, signal, async (bench) => {
      const { changes, refused } = await bench.sandbox.changes(most, signal);
      const seen = observe(bench, {
        ...look,
        summary: `${changes.length} files differ${refused.length === 0 ? '' : `; ${refused.length} links or devices are left out`}.`,
        data: {
          changes: changes.slice(0, shownFiles).map((change) => ({
            path: change.path,
            kind: change.kind,
            ...(change.kind === 'written' ? { content: show(change.content) } : {}),
          })),
          more: Math.max(0, changes.length - shownFiles),
          refused: refused.slice(0, shownFiles),
        },
      });
      return { ...seen, empty: true };
    });
  },
});

export const resetWorkspaceTool = defineTool({
  name: 'reset_workspace',
  changing: true,
  description:
    'Ends what runs in your isolated workspace and puts its files back to the commit: before the next hypothesis.',
  input: z.object(place),
  async run(context, input, signal) {
    const look = { title: 'Workspace reset', query: 'reset the workspace' };
    return inSandbox(context, input, look, signal, async (bench) => {
      await bench.sandbox.reset(null, signal);
      bench.edited = false;
      const seen = observe(bench, {
        ...look,
        summary: 'Its files are those of the commit.',
        data: {},
      });
      return { ...seen, empty: true };
    });
  },
});

function show(content: Buffer): string {
  return content.subarray(0, 8_000).includes(0)
    ? `(${content.length} bytes, not text)`
    : readable(content.toString('utf8'), shownChars);
}
