import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DemoError } from './demo-error.ts';
import { readBranch, runGit } from './git.ts';
import { people } from './people.ts';
import { type RecentCommit, recentCommits } from './recent-commits.ts';
import { SHOP_SERVICES } from './repositories.ts';
import type { Scenario } from './scenario.ts';

export interface Injection {
  service: string;
  /** The commit that is the fault; not the head of its repository. */
  commit: string;
  /** When it was pushed. */
  at: Date;
}

/** Minutes before the push at which the work was committed, for the faulty service and, shifted a little, the others. */
const MINUTES_AGO = { before: [93, 78], fault: 47, after: [31, 12] } as const;
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
  await checkRepository(scenario.service, repositoriesDir);
  const services = [...new Set<string>([scenario.service, ...SHOP_SERVICES])];
  const scratch = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const faults = await Promise.all(
      services.map(async (service, index) => {
        const desk = await openDesk(service, repositoriesDir, scratch, now);
        if (desk && service === scenario.service) return await commitFault(desk, scenario);
        if (desk) await commitOthers(desk, index);
        return undefined;
      }),
    );
    const fault = faults.find((commit) => commit !== undefined) ?? '';
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
    const desk = await openDesk(scenario.service, repositoriesDir, scratch, new Date());
    if (desk) await applyPatch(desk.cwd, scenario);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
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

async function commitFault(desk: Desk, scenario: Scenario): Promise<string> {
  const touched = await applyPatch(desk.cwd, scenario);
  // Taken back at once: what comes before the fault in time must be committed first, and must not touch its files.
  await runGit(['reset', '--quiet', '--hard'], { cwd: desk.cwd });
  desk.waiting = desk.waiting.filter((commit) => commit.edits.every((edit) => !touched.includes(edit.path)));

  const [after1, after2] = [desk.waiting.pop(), desk.waiting.pop()];
  for (const minutesAgo of MINUTES_AGO.before) await commitNext(desk, minutesAgo);

  await applyPatch(desk.cwd, scenario);
  const { name, email } = scenario.commit.author;
  await commit(desk, MINUTES_AGO.fault, scenario.commit.message, { name, email });
  const fault = (await runGit(['rev-parse', 'HEAD'], { cwd: desk.cwd })).trim();

  desk.waiting = [after2, after1].filter((commit) => commit !== undefined);
  let followed = 0;
  for (const minutesAgo of MINUTES_AGO.after) if (await commitNext(desk, minutesAgo)) followed += 1;
  if (followed === 0) await commitNote(desk, MINUTES_AGO.after[1]);
  return fault;
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
async function applyPatch(cwd: string, scenario: Scenario): Promise<string[]> {
  let firstError: unknown;
  for (const level of STRIP_LEVELS) {
    try {
      const args = ['apply', '--3way', '--index', '--recount', '--whitespace=nowarn', `-p${level}`, '-'];
      await runGit(args, { cwd, input: scenario.patch });
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
    `the patch of scenario "${scenario.name}" does not apply to ${scenario.service}: ${said}`,
    `Make it against that service’s current files: change demo/shop/services/${scenario.service} and run "git diff".`,
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
