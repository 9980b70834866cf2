import type { Assignment, Sources } from '../investigator.ts';
import { runtimeWindowMs } from './runtime-layer.ts';

export interface Deployed {
  readonly commit: string;
  readonly from: 'log lines of the service' | 'head of its branch';
}

const release = /^(?:commit|sha|revision|git[._]?(?:commit|sha)|version|release|build)$/i;
const searched = 200;

/** The commit that runs: the one that the service itself names in its latest lines, else the head of the deployed branch. */
export async function findDeployed(
  { service, now }: Assignment,
  { source, logs }: Sources,
  signal: AbortSignal,
): Promise<Deployed> {
  const { head } = await source.fetch(service, signal);
  try {
    const from = new Date(now.getTime() - runtimeWindowMs);
    const { lines } = await logs.lines({ service: service.name, from, to: now, limit: 2_000 }, signal);
    const named = lines
      .toReversed()
      .flatMap((line) => Object.entries(line.fields))
      .find(
        ([key, value]) => release.test(key) && typeof value === 'string' && /^[0-9a-f]{7,40}$/i.test(value),
      );
    const sha = String(named?.[1] ?? '').toLowerCase();
    const commits = sha === '' ? [] : await source.log(service, { at: head, limit: searched }, signal);
    const known = commits.find((commit) => commit.sha.startsWith(sha));
    if (known !== undefined) return { commit: known.sha, from: 'log lines of the service' };
  } catch {
    // Logs are away: the head is what the catalogue says is deployed.
    signal.throwIfAborted();
  }
  return { commit: head, from: 'head of its branch' };
}
