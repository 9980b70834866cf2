import { z } from 'zod';
import type { RankedCommit } from '../../analysis/culprits/rank-commits.ts';
import type { Observation } from '../../domain/evidence.ts';
import { WarroomError } from '../../platform/errors.ts';
import { maskFiles } from './source/mask-source.ts';
import { clip, defineTool, nothing, serviceOf } from './tool.ts';

const diffBytes = 24_000;
/** Beside the row, to be searched. */
const keptBytes = 1_000_000;

export const showCommitTool = defineTool({
  name: 'show_commit',
  description: 'One commit with its diff. Cite this evidence when you blame the commit.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    sha: z.string().regex(/^[0-9a-f]{7,40}$/),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const { head } = await source.fetch(service, signal);
    const [commit] = await source
      .log(service, { at: input.sha, limit: 1 }, signal)
      .catch((error: unknown) => {
        if (error instanceof WarroomError && error.code === 'no_such_commit') return [];
        throw error;
      });
    const query = `git show ${input.sha}`;
    if (commit === undefined) {
      const why = `There is no such commit; git_log lists those up to ${head.slice(0, 10)}.`;
      return [nothing('change', service.name, `Commit ${input.sha}`, why, query)];
    }
    const diff = maskFiles(await source.diff(service, commit.sha, keptBytes, signal));
    return [
      {
        kind: 'change',
        service: service.name,
        title: `Commit ${commit.sha.slice(0, 10)} "${commit.subject}"`,
        summary: `${commit.author} changed ${commit.files
          .map((file) => file.path)
          .slice(0, 5)
          .join(', ')} at ${commit.committedAt.toISOString()}.`,
        query,
        data: {
          commit: {
            sha: commit.sha,
            subject: commit.subject,
            author: commit.author,
            at: commit.committedAt.toISOString(),
          },
          diff: clip(diff, diffBytes),
          reasons: [],
        },
        empty: false,
        ...(diff.length > diffBytes ? { output: diff } : {}),
      },
    ];
  },
});

/** A commit as the ranking sees it, with why. */
export function observeRanked(
  service: string,
  ranked: RankedCommit,
  diff: string,
  place: number,
): Observation {
  const { commit, reasons } = ranked;
  const why = reasons.length === 0 ? 'nothing ties it to the symptoms' : reasons.slice(0, 3).join('; ');
  return {
    kind: 'change',
    service,
    title: `Commit ${commit.sha.slice(0, 10)} "${commit.subject}"`,
    summary: `${commit.author} ${ranked.change}. ${place === 0 ? 'Best match of the recent commits' : `Match number ${place + 1}`}: ${why}.`,
    query: `git show ${commit.sha}`,
    data: {
      commit: {
        sha: commit.sha,
        subject: commit.subject,
        author: commit.author,
        at: new Date(commit.committedAt * 1000).toISOString(),
      },
      diff: clip(maskFiles(diff), diffBytes),
      reasons,
      change: ranked.change,
      score: Number(ranked.score.toFixed(3)),
      margin: Number(ranked.margin.toFixed(3)),
    },
    empty: false,
  };
}
