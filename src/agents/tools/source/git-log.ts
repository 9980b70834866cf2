import { z } from 'zod';
import type { Commit } from '../../../ports/source-control.ts';
import { defineTool, nothing } from '../tool.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

export const gitLogTool = defineTool({
  name: 'git_log',
  description:
    'Commits of a service, newest first, with author, time and touched files; of one file or folder, since a time, or with words in their message.',
  input: z.object({
    ...sourcePlace,
    path: repositoryPath.optional().describe('Only commits that touched this file or folder.'),
    since: z.iso.datetime({ offset: true }).optional().describe('ISO time.'),
    text: z.string().max(200).optional().describe('In the message, any case.'),
    limit: z.number().int().min(1).max(40).default(15),
  }),
  async run(context, { path: asked, since, text, limit, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const path = asked === undefined || plainPath(asked) === '' ? undefined : plainPath(asked);
    const commits = await source.log(
      service,
      {
        at,
        limit,
        ...(since === undefined ? {} : { since: new Date(since) }),
        ...(path === undefined ? {} : { path }),
        ...(text === undefined ? {} : { text }),
      },
      signal,
    );
    const filters = [
      since === undefined ? [] : `--since=${since}`,
      text === undefined ? [] : `--grep=${JSON.stringify(text)}`,
    ].flat();
    const query = [
      'git log',
      `-n ${limit}`,
      ...filters,
      at.slice(0, 10),
      path === undefined ? '' : `-- ${path}`,
    ]
      .join(' ')
      .trim();
    const title = path === undefined ? 'Recent commits' : `Commits of ${path}`;
    const [newest] = commits;
    if (newest === undefined) return [nothing('change', service.name, title, 'There are none.', query)];
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${commits.length} commits, the newest ${newest.sha.slice(0, 10)} "${newest.subject}" by ${newest.author} at ${newest.committedAt.toISOString()}.`,
        query,
        data: { commits: commits.map(rowOf) },
        empty: false,
      },
    ];
  },
});

export function rowOf(commit: Commit) {
  return {
    sha: commit.sha,
    subject: commit.subject,
    author: commit.author,
    at: commit.committedAt.toISOString(),
    files: commit.files.slice(0, 20).map((file) => `${file.path} +${file.added} −${file.removed}`),
  };
}
