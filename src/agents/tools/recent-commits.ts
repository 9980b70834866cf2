import { z } from 'zod';
import { defineTool, nothing, serviceOf } from './tool.ts';

export const recentCommitsTool = defineTool({
  name: 'recent_commits',
  description: 'Latest commits of a service, newest first, with author, time and touched files.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    limit: z.number().int().min(1).max(40).default(15),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const { head } = await source.fetch(service, signal);
    const commits = await source.log(service, { at: head, limit: input.limit }, signal);
    const query = `git log -n ${input.limit} ${head.slice(0, 10)}`;
    const [newest] = commits;
    if (newest === undefined)
      return [nothing('change', service.name, 'Recent commits', 'There are none.', query)];
    return [
      {
        kind: 'change',
        service: service.name,
        title: 'Recent commits',
        summary: `${commits.length} commits, the newest ${newest.sha.slice(0, 10)} "${newest.subject}" by ${newest.author} at ${newest.committedAt.toISOString()}.`,
        query,
        data: {
          commits: commits.map((commit) => ({
            sha: commit.sha,
            subject: commit.subject,
            author: commit.author,
            at: commit.committedAt.toISOString(),
            files: commit.files.slice(0, 20).map((file) => `${file.path} +${file.added} −${file.removed}`),
          })),
        },
        empty: false,
      },
    ];
  },
});
