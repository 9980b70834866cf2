import { z } from 'zod';
import { findVersionChanges } from '../../../analysis/changes/version-changes.ts';
import { parseDiff } from '../../../analysis/culprits/parse-diff.ts';
import { findSettingChanges } from '../../../analysis/culprits/setting-changes.ts';
import { maskValue } from '../../../platform/mask-secrets.ts';
import { clip, defineTool, nothing, serviceOf } from '../tool.ts';
import { findReleases } from './find-releases.ts';
import { rowOf } from './git-log.ts';
import { maskFiles } from './mask-source.ts';

const keptBytes = 1_000_000;
const mostCommits = 40;

export const compareDeploysTool = defineTool({
  name: 'compare_deploys',
  description:
    'What is between the version of a service that runs and the one before it: commits, files, settings whose value changed, versions of libraries. Says what each version is known from.',
  input: z.object({
    service: z.string().optional().describe('Defaults to your own service.'),
    from: z
      .string()
      .regex(/^[0-9a-f]{7,40}$/)
      .optional()
      .describe('The earlier commit, where you know it better.'),
  }),
  async run(context, input, signal) {
    const service = serviceOf(context, input.service);
    const { source } = context.desk.sources;
    const found = await findReleases(context, service, signal);
    const from = input.from ?? found.from;
    const title = 'What went live';
    if (from === null || from === found.to) {
      const why = `${found.to.slice(0, 10)} runs (${found.toFrom}), and nothing is before it.`;
      return [nothing('change', service.name, title, why, `git log ${found.to.slice(0, 10)}`)];
    }
    const query = `git diff ${from.slice(0, 10)} ${found.to.slice(0, 10)}`;
    const commits = await source.log(service, { at: found.to, except: from, limit: mostCommits }, signal);
    const { files, diff } = await source.compare(
      service,
      { from, to: found.to, maxBytes: keptBytes },
      signal,
    );
    if (files.length === 0 && commits.length === 0)
      return [nothing('change', service.name, title, 'Nothing is different.', query)];
    const parsed = parseDiff(diff);
    const settings = parsed.flatMap(findSettingChanges).filter((one) => one.path !== '');
    const versions = findVersionChanges(parsed);
    const fromFrom = input.from === undefined ? found.fromFrom : 'as asked';
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${commits.length}${commits.length === mostCommits ? ' or more' : ''} commits and ${files.length} files from ${from.slice(0, 10)} (${fromFrom}) to ${found.to.slice(0, 10)} (${found.toFrom}); ${settings.length} changed values, ${versions.length} changed versions of libraries.`,
        query,
        data: {
          commits: commits.map(rowOf),
          files: files.slice(0, 60).map((file) => `${file.path} +${file.added} −${file.removed}`),
          settings: settings.slice(0, 40).map((one) => ({
            path: one.path,
            key: one.key,
            from: clip(maskValue(one.key, one.from), 100),
            to: clip(maskValue(one.key, one.to), 100),
          })),
          libraries: versions.slice(0, 60).map((one) => ({ ...one })),
        },
        empty: false,
        output: maskFiles(diff),
      },
    ];
  },
});
