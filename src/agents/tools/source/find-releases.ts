import type { Service } from '../../../domain/service.ts';
import type { Commit } from '../../../ports/source-control.ts';
import { findDeployed } from '../../context/find-deployed.ts';
import type { ToolContext } from '../tool.ts';

export interface Releases {
  /** What runs. */
  readonly to: string;
  readonly toFrom: string;
  /** What ran before; null where the repository has nothing before it. */
  readonly from: string | null;
  readonly fromFrom: string;
}

const release = /^(?:commit|sha|revision|git[._]?(?:commit|sha)|version|release|build)$/i;
const sha = /^[0-9a-f]{7,40}$/i;
const searched = 400;
const lookBackMs = 24 * 3_600_000;
const linesRead = 5_000;

/**
 * The commit that runs, and the one before it: as log lines of the last day name them, else as pipelines told of deploys, else as
 * the repository was a day ago. What each is known from is said.
 */
export async function findReleases(
  context: ToolContext,
  service: Service,
  signal: AbortSignal,
): Promise<Releases> {
  const { desk, assignment } = context;
  const { source } = desk.sources;
  const { commit: to, from: toFrom } = await findDeployed({ ...assignment, service }, desk.sources, signal);
  const commits = await source.log(service, { at: to, limit: searched }, signal);
  const older = commits.slice(1);
  const known = (name: string): Commit | undefined =>
    sha.test(name) ? older.find((commit) => commit.sha.startsWith(name.toLowerCase())) : undefined;

  const named = await namedInLogs(context, service, signal);
  const before = named.map(known).find((one) => one !== undefined);
  if (before !== undefined) return { to, toFrom, from: before.sha, fromFrom: 'log lines of the service' };
  const told = (await desk.changes(service.name))?.changes ?? [];
  const deployed = told
    .filter((one) => one.kind === 'deploy')
    .toReversed()
    .flatMap((one) => [one.before, one.after])
    .map((name) => (name === null ? undefined : known(name)))
    .find((one) => one !== undefined);
  if (deployed !== undefined) return { to, toFrom, from: deployed.sha, fromFrom: 'told deploys' };
  const dayAgo = assignment.now.getTime() - lookBackMs;
  const then = older.find((one) => one.committedAt.getTime() < dayAgo) ?? older.at(-1);
  return {
    to,
    toFrom,
    from: then?.sha ?? null,
    fromFrom: 'the state a day ago: no earlier release is named',
  };
}

/** Newest first. */
async function namedInLogs(
  { desk, assignment }: ToolContext,
  service: Service,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const from = new Date(assignment.now.getTime() - lookBackMs);
    const query = { service: service.name, from, to: assignment.now, limit: linesRead };
    const { lines } = await desk.sources.logs.lines(query, signal);
    const names = lines
      .toReversed()
      .flatMap((line) => Object.entries(line.fields))
      .flatMap(([key, value]) =>
        release.test(key) && typeof value === 'string' && sha.test(value) ? [value] : [],
      );
    return [...new Set(names)];
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
