import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DemoError } from './demo-error.ts';
import { readBranch, runGit } from './git.ts';
import type { BesideText } from './normalise-scenario.ts';
import { people } from './people.ts';
import { type RecentCommit, recentCommits } from './recent-commits.ts';
import { SHOP_SERVICES } from './repositories.ts';
import type { Scenario } from './scenario.ts';

export interface Injection {
  service: string;
  /** The commit that is the fault; not the head of its repository. Null where nothing is broken. */
  commit: string | null;
  /** When it was pushed. */
  at: Date;
}

/** Minutes before the push at which the work was committed, for the faulty service and, shifted a little, the others. */
const MINUTES_AGO = { before: [93, 78], fault: 47, beside: 38, after: [31, 12] } as const;
const OTHERS_MINUTES_AGO = [88, 63, 41, 14];
/** The same depths that `git diff` can be run at: in the repository, with no prefix, or further up. */
const STRIP_LEVELS = [1, 0, 2, 3, 4, 5];

/**
 * Commits the fault between unrelated work of the last hours and pushes all four repositories together, as
 * an ordinary release day looks. The deployer does the rest. Throws `unknown_service` or `patch_rejected`.
 */
export async function injectScenario(
  scenario: Scenario,
  repositoriesDir: string,
  now = new Date(),
): Promise<Injection> {
  const changes = changesOf(scenario);
  for (const service of [scenario.service, ...changes.keys()])
    await checkRepository(service, repositoriesDir);
  const services = [...new Set<string>([scenario.service, ...changes.keys(), ...SHOP_SERVICES])];
  const scratch = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const made = await Promise.allSettled(
      services.map(async (service, index) => {
        const desk = await openDesk(service, repositoriesDir, scratch, now);
        const change = changes.get(service);
        if (desk && change) return await commitChange(desk, change);
        if (desk) await commitOthers(desk, index);
        return undefined;
      }),
    );
    // All of them have ended before the first failure is told: the folder is removed then.
    const commits = made.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const fault = scenario.commit === null ? null : (commits[services.indexOf(scenario.service)] ?? null);
    // One after the other would let the order of the pushes tell the fault; together is how a release train leaves.
    await Promise.all(
      services.map(async (service) => {
        const cwd = join(scratch, service);
        if (await exists(cwd)) await runGit(['push', '--quiet', 'origin', 'HEAD:main'], { cwd });
      }),
    );
    return { service: scenario.service, commit: fault, at: new Date() };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Says before anything is started whether the scenario can be injected. Throws `unknown_service` or `patch_rejected`. */
export async function checkScenario(scenario: Scenario, repositoriesDir: string): Promise<void> {
  await checkRepository(scenario.service, repositoriesDir);
  const scratch = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    for (const [service, change] of changesOf(scenario)) {
      await checkRepository(service, repositoriesDir);
      const desk = await openDesk(service, repositoriesDir, scratch, new Date());
      if (desk) await applyPatch(desk.cwd, change);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What is committed in one repository: the fault, or what goes out beside it. */
interface Change extends BesideText {
  minutesAgo: number;
  scenario: string;
}

function changesOf({ name, service, commit, patch, also }: Scenario): Map<string, Change> {
  const changes = new Map<string, Change>(
    also.map((one) => [one.service, { ...one, minutesAgo: MINUTES_AGO.beside, scenario: name }]),
  );
  if (commit !== null && patch !== null)
    changes.set(service, { service, commit, patch, minutesAgo: MINUTES_AGO.fault, scenario: name });
  return changes;
}

/** A checkout to commit in, and the work that waits to be committed there. */
interface Desk {
  cwd: string;
  now: Date;
  waiting: RecentCommit[];
}

async function openDesk(
  service: string,
  repositoriesDir: string,
  scratch: string,
  now: Date,
): Promise<Desk | undefined> {
  const repository = resolve(repositoriesDir, `${service}.git`);
  if (!(await readBranch(repository, 'main'))) return undefined;
  const cwd = join(scratch, service);
  await runGit(['clone', '--quiet', '--shared', '--branch', 'main', repository, cwd]);
  const known = SHOP_SERVICES.find((name) => name === service);
  return { cwd, now, waiting: known ? [...recentCommits[known]] : [] };
}

async function commitChange(desk: Desk, change: Change): Promise<string> {
  const touched = await applyPatch(desk.cwd, change);
  // Taken back at once: what comes before the fault in time must be committed first, and must not touch its files.
  await runGit(['reset', '--quiet', '--hard'], { cwd: desk.cwd });
  desk.waiting = desk.waiting.filter((commit) => commit.edits.every((edit) => !touched.includes(edit.path)));

  const [after1, after2] = [desk.waiting.pop(), desk.waiting.pop()];
  for (const minutesAgo of MINUTES_AGO.before) await commitNext(desk, minutesAgo);

  await applyPatch(desk.cwd, change);
  const { name, email } = change.commit.author;
  await commit(desk, change.minutesAgo, change.commit.message, { name, email });
  const made = (await runGit(['rev-parse', 'HEAD'], { cwd: desk.cwd })).trim();

  desk.waiting = [after2, after1].filter((commit) => commit !== undefined);
  let followed = 0;
  for (const minutesAgo of MINUTES_AGO.after) if (await commitNext(desk, minutesAgo)) followed += 1;
  if (followed === 0) await commitNote(desk, MINUTES_AGO.after[1]);
  return made;
}

async function commitOthers(desk: Desk, index: number): Promise<void> {
  let done = 0;
  for (const minutesAgo of OTHERS_MINUTES_AGO) if (await commitNext(desk, minutesAgo + index * 2)) done += 1;
  if (done === 0) await commitNote(desk, 14 + index * 2);
}

/** Commits the next piece of waiting work that still fits the tree; `false` when none is left. */
async function commitNext(desk: Desk, minutesAgo: number): Promise<boolean> {
  for (;;) {
    const next = desk.waiting.shift();
    if (!next) return false;
    if (!(await applyEdits(desk.cwd, next))) continue;
    await commit(desk, minutesAgo, next.message, people[next.author]);
    return true;
  }
}

async function applyEdits(cwd: string, { edits }: RecentCommit): Promise<boolean> {
  const texts = await Promise.all(
    edits.map((edit) => readFile(join(cwd, edit.path), 'utf8').catch(() => '')),
  );
  const fits = edits.every(
    (edit, i) => texts[i]?.split(edit.before).length === 2 && !texts[i]?.includes(edit.after),
  );
  if (!fits) return false;
  for (const [i, edit] of edits.entries()) {
    await writeFile(
      join(cwd, edit.path),
      (texts[i] ?? '').replace(edit.before, () => edit.after),
    );
  }
  return true;
}

/** What is left to do when all the usual work is in already: a line in the release notes. */
async function commitNote(desk: Desk, minutesAgo: number): Promise<void> {
  const file = join(desk.cwd, 'RELEASES.md');
  const known = await readFile(file, 'utf8').catch(() => '# Releases\n\n');
  const when = new Date(desk.now.getTime() - minutesAgo * 60_000).toISOString().slice(0, 16);
  await writeFile(file, `${known}- ${when}: routine release\n`);
  await runGit(['add', 'RELEASES.md'], { cwd: desk.cwd });
  await commit(desk, minutesAgo, 'Release notes', people.hannah);
}

async function commit(
  { cwd, now }: Desk,
  minutesAgo: number,
  message: string,
  { name, email }: { name: string; email: string },
): Promise<void> {
  const date = `${Math.floor((now.getTime() - minutesAgo * 60_000) / 1000)} +0000`;
  const env = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
  await runGit(['commit', '--quiet', '--all', '--file', '-'], { cwd, env, input: message });
}

/** Applies the patch to tree and index and gives the paths it touches. */
async function applyPatch(cwd: string, change: Change): Promise<string[]> {
  let firstError: unknown;
  for (const level of STRIP_LEVELS) {
    try {
      const args = ['apply', '--3way', '--index', '--recount', '--whitespace=nowarn', `-p${level}`, '-'];
      await runGit(args, { cwd, input: change.patch });
      const touched = (await runGit(['diff', '--cached', '--name-only'], { cwd }))
        .split('\n')
        .filter(Boolean);
      if (touched.length > 0) return touched;
    } catch (error) {
      firstError ??= error;
      await runGit(['reset', '--quiet', '--hard'], { cwd });
    }
  }
  const said = firstError instanceof Error ? firstError.message : 'it changes nothing';
  throw new DemoError(
    'patch_rejected',
    `the patch of scenario "${change.scenario}" does not apply to ${change.service}: ${said}`,
    `Make it against that service’s current files: change demo/shop/services/${change.service} and run "git diff".`,
    { cause: firstError },
  );
}

async function checkRepository(service: string, repositoriesDir: string): Promise<void> {
  if (await exists(resolve(repositoriesDir, `${service}.git`))) return;
  throw new DemoError(
    'unknown_service',
    `the scenario is about "${service}", which has no repository in ${repositoriesDir}`,
    `Choose one of ${SHOP_SERVICES.join(', ')}.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
