import type { Service } from '../../domain/service.ts';
import { masked } from '../../platform/mask-credentials.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { Commit, SourceControl } from '../../ports/source-control.ts';
import { count, type GitTools, nameAll, short } from '../shared-git/git-tools.ts';
import { impossible, planChange } from '../shared-git/plan-change.ts';
import { readBase } from '../shared-git/read-base.ts';
import { compareSettings, type SettingsChange } from './compare-settings.ts';
import { type ComputedRollback, computeRollback } from './compute-rollback.ts';
import { judgeRollback } from './risk.ts';
import { paramsSchema, type RollbackParams } from './schema.ts';

/** Versions of a file that are looked through for the one that is wanted. */
const versionsMax = 200;

/** What putting the file back changes, setting by setting. Reads only. */
export async function previewRollback(
  tools: GitTools,
  service: Service,
  given: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(given);
  if (!parsed.success) return impossible('it needs the path of a file, and a commit or “previous”.');
  const params = parsed.data;
  if (!service.configuration.includes(params.path)) {
    const known = service.configuration.length === 0 ? 'none' : nameAll(service.configuration);
    return impossible(
      `the file is not among the configuration of ${service.name} in the catalogue (\`configuration\`: ${known}).`,
    );
  }
  const read = await readBase(tools, service, signal);
  if ('reason' in read) return impossible(read.reason);
  const { base } = read;
  const { source } = tools;
  const history = await source.history(service, { at: base, path: params.path, limit: versionsMax }, signal);
  const from = await findVersion(source, service, { base, ...params }, history, signal);
  if ('reason' in from) return impossible(from.reason);
  const rollback = await computeRollback(
    source,
    service,
    { base, path: params.path, from: from.commit.sha },
    signal,
  );
  if (typeof rollback === 'string') return impossible(rollback);

  const { slug, branch } = service.repository;
  const undone = await changesSince(source, service, from.commit, history, signal);
  const change = changeOf(rollback);
  const others = new Set(undone.flatMap((one) => one.files.map((file) => file.path)));
  others.delete(params.path);
  return planChange(service, base, rollback, {
    kind: 'config-rollback',
    params: { path: params.path, to: from.commit.sha },
    facts: judgeRollback({ change, versions: undone.length, otherFiles: others.size }),
    preview: {
      summary: `Put ${params.path} on ${slug} ${branch} back to how it was at ${short(from.commit.sha)} “${from.commit.subject}”.`,
      measured: null,
      notes: notesOn(rollback, change, undone, [...others]),
      undo: 'Revert the merge by a second pull request, which brings back the version that is there now.',
    },
  });
}

async function findVersion(
  source: SourceControl,
  service: Service,
  wanted: RollbackParams & { base: string },
  history: readonly Commit[],
  signal: AbortSignal,
): Promise<{ readonly commit: Commit } | { readonly reason: string }> {
  const { base, path, to } = wanted;
  const { branch } = service.repository;
  if (history.length === 0) return { reason: `there is no ${path} on ${branch}.` };
  if (to === 'previous') {
    const previous = history[1];
    if (previous === undefined)
      return { reason: `${path} has never been changed on ${branch}: it has no earlier version.` };
    return { commit: previous };
  }
  if (!(await source.contains(service, { head: base, sha: to }, signal))) {
    return { reason: `${short(to)} is not a commit of ${branch}.` };
  }
  const [commit] = await source.log(service, { at: to, limit: 1 }, signal);
  return commit === undefined ? { reason: `${short(to)} cannot be read.` } : { commit };
}

/** The changes of the file after that version, newest first, with everything that they touched. */
async function changesSince(
  source: SourceControl,
  service: Service,
  from: Commit,
  history: readonly Commit[],
  signal: AbortSignal,
): Promise<Commit[]> {
  const undone: Commit[] = [];
  for (const { sha } of history) {
    if (await source.contains(service, { head: from.sha, sha }, signal)) break;
    undone.push(...(await source.log(service, { at: sha, limit: 1 }, signal)));
  }
  return undone;
}

function changeOf({ now, after }: ComputedRollback): SettingsChange | null {
  if (after.kind !== 'settings') return null;
  // a file that nothing can read has no settings now: all of them come back
  return compareSettings(now.kind === 'settings' ? now.settings : new Map(), after.settings);
}

function notesOn(
  { now, diff }: ComputedRollback,
  change: SettingsChange | null,
  undone: readonly Commit[],
  others: readonly string[],
): string[] {
  const notes = [...(change?.lines ?? [])];
  if (change?.changed === 0) notes.push('No setting changes: only comments, order or layout.');
  if (now.kind === 'unreadable')
    notes.push(`As it is now, the file cannot be read by its format: ${now.reason}.`);
  if (diff.includes(masked)) {
    notes.push('Values that look like secrets are masked here; the file itself goes back whole.');
  }
  const named = undone.map((one) => `${short(one.sha)} “${one.subject}” by ${one.author}`);
  if (named.length > 0)
    notes.push(`It undoes ${count(named.length, 'change')} of the file: ${nameAll(named)}.`);
  if (others.length > 0)
    notes.push(`The same commits touched other files, which stay as they are: ${nameAll(others)}.`);
  return notes;
}
