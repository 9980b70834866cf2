import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { DemoError } from './demo-error.ts';
import { holdsChange, normalisePatch } from './normalise-patch.ts';
import { type BesideText, normaliseScenario, type ScenarioText } from './normalise-scenario.ts';

const FAULTS = resolve(import.meta.dirname, '../faults');
const FILES = ['scenario.yaml', 'scenario.yml'];

export interface Scenario extends Omit<ScenarioText, 'patch'> {
  /** The folder's name. */
  name: string;
  folder: string;
  /** The change that is the fault, as `git diff` writes it in the service's repository; null where nothing is broken. */
  patch: string | null;
  /** Changes beside it, with the text of their patches. */
  also: readonly BesideText[];
}

/** The folder of a fault that ships with the demo, or any other folder. Throws `unknown_scenario`. */
export async function resolveScenario(nameOrFolder: string): Promise<string> {
  const wanted = FILES.includes(basename(nameOrFolder)) ? dirname(nameOrFolder) : nameOrFolder;
  // npm changes to the project's folder; a relative path is meant from where the person stands.
  const candidates = [resolve(process.env['INIT_CWD'] ?? '', wanted), resolve(wanted)];
  if (!wanted.includes('/')) candidates.unshift(join(FAULTS, nameOrFolder));
  for (const folder of candidates) if ((await findFile(folder)) !== undefined) return folder;
  for (const folder of candidates) {
    if (await exists(folder)) {
      throw new DemoError(
        'bad_scenario',
        `${folder} has no scenario.yaml`,
        `Add one; ${join(FAULTS, 'token-ttl/scenario.yaml')} is an example.`,
      );
    }
  }
  throw new DemoError(
    'unknown_scenario',
    `there is no scenario "${nameOrFolder}"`,
    `Name one of ${(await listScenarios()).join(', ')}, or a folder with scenario.yaml and a patch.`,
  );
}

export async function listScenarios(): Promise<string[]> {
  const entries = await readdir(FAULTS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Reads `scenario.yaml` and the one `*.patch` or `*.diff` beside it. Throws `bad_scenario`, naming everything wrong. */
export async function readScenario(nameOrFolder: string): Promise<Scenario> {
  const folder = await resolveScenario(nameOrFolder);
  const file = (await findFile(folder)) ?? join(folder, 'scenario.yaml');
  const bad = (problem: string, hint: string, cause?: unknown) =>
    new DemoError('bad_scenario', `${file}: ${problem}`, hint, { cause });

  let raw: unknown;
  try {
    raw = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw bad(
      `is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Correct the line named.',
      cause,
    );
  }
  const read = normaliseScenario(raw);
  if (!read.ok) throw bad(`\n  ${read.problems.join('\n  ')}`, whatItHolds);
  const { patch: named, ...scenario } = read.scenario;

  const patches = (await readdir(folder)).filter((name) => /\.(patch|diff)$/.test(name)).sort();
  const readPatch = async (patchName: string, service: string): Promise<string> => {
    const patch = await readFile(join(folder, patchName), 'utf8').catch((cause: unknown) => {
      throw bad(`there is no ${patchName} beside it`, `Files there: ${patches.join(', ') || 'none'}.`, cause);
    });
    if (!holdsChange(patch))
      throw bad(`${patchName} holds no change`, 'Make it with "git diff" in the service’s repository.');
    return normalisePatch(patch, service);
  };
  const also = await Promise.all(
    scenario.also.map(async (one) => ({ ...one, patch: await readPatch(one.patch, one.service) })),
  );
  const rest = { ...scenario, also, name: basename(folder), folder };
  if (scenario.alerts !== null && !(await exists(join(folder, scenario.alerts))))
    throw bad(`there is no ${scenario.alerts} beside it`, 'Name a file of Prometheus alerting rules.');
  if (scenario.commit === null) return { ...rest, patch: null };
  const taken = new Set(scenario.also.map((one) => one.patch));
  const [first, ...others] = patches.filter((name) => !taken.has(name));
  const patchName = named ?? (others.length === 0 ? first : undefined);
  if (patchName === undefined) {
    const found = first === undefined ? 'no patch' : `several patches (${[first, ...others].join(', ')})`;
    throw bad(
      `there is ${found} beside it`,
      'Put exactly one .patch or .diff, made by "git diff", into the folder, or name one with "patch:".',
    );
  }
  return { ...rest, patch: await readPatch(patchName, scenario.service) };
}

const whatItHolds =
  'A scenario has title, service, commit {message, author {name, email}} and, if you like, expected {service, remedy}; docs/scenarios.md shows one.';

async function findFile(folder: string): Promise<string | undefined> {
  for (const name of FILES) if (await exists(join(folder, name))) return join(folder, name);
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
