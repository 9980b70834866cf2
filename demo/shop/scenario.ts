import { access, readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { DemoError } from './demo-error.ts';

const FAULTS = resolve(import.meta.dirname, '../faults');
const AUTHOR_LINE = /^\s*([^<>]+?)\s*<([^<>\s]+@[^<>\s]+)>\s*$/;

const author = z.union([
  z.strictObject({ name: z.string().min(1), email: z.string().includes('@') }),
  z
    .string()
    .regex(AUTHOR_LINE, 'write an author as {name, email} or "Name <address>"')
    .transform((line) => {
      const [, name = '', email = ''] = AUTHOR_LINE.exec(line) ?? [];
      return { name, email };
    }),
]);

const scenarioFile = z.strictObject({
  title: z.string().trim().min(1),
  service: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a service is named in lower case, as its repository is'),
  commit: z.strictObject({ message: z.string().trim().min(1), author }),
  expected: z.strictObject({ service: z.string().min(1), remedy: z.string().min(1) }),
});

export interface Scenario extends z.infer<typeof scenarioFile> {
  /** The folder's name. */
  name: string;
  folder: string;
  /** The change that is the fault, as `git diff` writes it. */
  patch: string;
}

/** The folder of a fault that ships with the demo, or any other folder. Throws `unknown_scenario`. */
export async function resolveScenario(nameOrFolder: string): Promise<string> {
  const candidates = [resolve(nameOrFolder)];
  if (!nameOrFolder.includes('/')) candidates.unshift(join(FAULTS, nameOrFolder));
  for (const folder of candidates) if (await exists(join(folder, 'scenario.yaml'))) return folder;
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
  const file = join(folder, 'scenario.yaml');
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
  const read = scenarioFile.safeParse(raw);
  if (!read.success) {
    throw bad(
      z.prettifyError(read.error),
      'A scenario has title, service, commit {message, author {name, email}} and expected {service, remedy}.',
    );
  }

  const patches = (await readdir(folder)).filter((name) => /\.(patch|diff)$/.test(name)).sort();
  const [patchName] = patches;
  if (patchName === undefined || patches.length > 1) {
    const found = patches.length === 0 ? 'no patch' : `several patches (${patches.join(', ')})`;
    throw bad(
      `there is ${found} beside it`,
      'Put exactly one .patch or .diff, made by "git diff", into the folder.',
    );
  }
  const patch = await readFile(join(folder, patchName), 'utf8');
  if (!/^(\+\+\+|rename to|GIT binary patch|new file mode|deleted file mode)/m.test(patch)) {
    throw bad(`${patchName} holds no change`, 'Make it with "git diff" in the service’s repository.');
  }
  return { ...read.data, name: basename(folder), folder, patch: patch.endsWith('\n') ? patch : `${patch}\n` };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
