import type { CandidateCommit, Part } from './candidate-commit.ts';
import type { Symptoms } from './symptoms.ts';

/** When each commit went live, where the service's own telemetry says so: what was merely told dates nothing. */
export function releaseTimes(commits: readonly CandidateCommit[], symptoms: Symptoms): Map<string, number> {
  const live = new Map<string, number>();
  const order = commits.toSorted((a, b) => b.committedAt - a.committedAt);
  const releases = symptoms.releases
    .filter((release) => release.source !== 'told')
    .toSorted((a, b) => a.at - b.at);
  const place = (sha: string): number => order.findIndex((commit) => sameSha(commit.sha, sha));
  for (const release of releases) {
    const from = place(release.sha);
    if (from === -1) continue;
    for (const commit of order.slice(from)) if (!live.has(commit.sha)) live.set(commit.sha, release.at);
  }
  return live;
}

export function weighTime(
  commit: CandidateCommit,
  symptoms: Symptoms,
  live: ReadonlyMap<string, number>,
): Part & { readonly fresh: boolean } {
  const known = [...live.values()].filter((at) => at <= symptoms.onset + 20);
  const latest = known.length === 0 ? null : known.reduce((last, at) => Math.max(last, at));
  const part = partOf(commit, symptoms, live, latest);
  return {
    ...part,
    fresh: latest !== null && live.get(commit.sha) === latest && symptoms.onset - latest < 300,
  };
}

function partOf(
  commit: CandidateCommit,
  symptoms: Symptoms,
  live: ReadonlyMap<string, number>,
  latest: number | null,
): Part {
  if (commit.committedAt > symptoms.alertedAt) return { weight: 0.02, reason: 'made after the alert fired' };
  const released = live.get(commit.sha);
  const slow = symptoms.kinds.has('memory-leak') || symptoms.kinds.has('descriptor-leak');
  if (released !== undefined) {
    const lead = symptoms.onset - released;
    if (released > symptoms.alertedAt) return { weight: 0.02, reason: 'went live after the alert fired' };
    if (lead < -20) return { weight: 0.3, reason: 'went live after it began' };
    if (released === latest && lead < 900)
      return { weight: 1, reason: `went live ${Math.max(0, Math.round(lead))} s before it began` };
    // Code that ran well until another release went live is hardly what broke it then.
    const ranWell = lead > 86_400;
    const overtaken = ranWell || (latest !== null && released < latest && symptoms.onset - latest < 120);
    return { weight: overtaken ? (slow ? 0.4 : 0.25) : slow ? 0.75 : lead < 60 ? 0.7 : 0.5, reason: null };
  }
  const reason = sayTold(commit, symptoms);
  // Not seen going live: only after the newest release mark may it be live unseen.
  const unseen = live.size > 0 ? 0.4 : 1;
  if (commit.committedAt > symptoms.onset + 30) return { weight: 0.4 * unseen, reason };
  const ageHours = Math.max(0, symptoms.onset - commit.committedAt) / 3600;
  return { weight: (0.6 + 0.4 * Math.exp(-ageHours / 48)) * unseen, reason };
}

/** A told deploy of it, for readers. */
function sayTold(commit: CandidateCommit, { releases, onset }: Symptoms): string | null {
  const told = releases.find((one) => one.source === 'told' && sameSha(one.sha, commit.sha));
  if (told === undefined) return null;
  const lead = Math.round(onset - told.at);
  return `was told to go live ${Math.abs(lead)} s ${lead < 0 ? 'after' : 'before'} it began, which its own telemetry does not show`;
}

function sameSha(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
