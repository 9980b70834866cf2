import type { Sources } from '../agents/investigator.ts';
import type { KnownSecrets } from '../platform/known-secrets.ts';

/**
 * What agents read from outside, without the secrets of this process: before anything cuts it, since half of a value is
 * found by nobody. Trees of files are handed over as they are: what is run has to be what is deployed.
 */
export function maskSources(sources: Sources, secrets: KnownSecrets): Sources {
  const { logs, traces, source, changes } = sources;
  const masked = <T>(value: T): T => secrets.maskJson(value);
  return {
    ...sources,
    logs: { lines: async (query, signal) => masked(await logs.lines(query, signal)) },
    traces: { spans: async (query, signal) => masked(await traces.spans(query, signal)) },
    ...(changes === undefined
      ? {}
      : { changes: { changes: async (query, signal) => masked(await changes.changes(query, signal)) } }),
    source: {
      ...source,
      log: async (service, query, signal) => masked(await source.log(service, query, signal)),
      diff: async (service, sha, maxBytes, signal) =>
        masked(await source.diff(service, sha, maxBytes, signal)),
      diffs: async (service, shas, maxBytes, signal) =>
        new Map(
          Array.from(await source.diffs(service, shas, maxBytes, signal), ([sha, diff]) => [
            sha,
            masked(diff),
          ]),
        ),
      read: async (service, at, path, maxBytes, signal) =>
        masked(await source.read(service, at, path, maxBytes, signal)),
      search: async (service, query, signal) => masked(await source.search(service, query, signal)),
      blame: async (service, query, signal) => masked(await source.blame(service, query, signal)),
      compare: async (service, query, signal) => masked(await source.compare(service, query, signal)),
    },
  };
}
