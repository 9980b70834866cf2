import { type RemedyKind, remedyKinds } from '../../src/domain/plan.ts';

/** The one database that the shop can have, behind payment-service. */
export const PAYMENTS = 'payments';

export interface CommitAuthor {
  name: string;
  email: string;
}

/** What `scenario.yaml` says, in one spelling. */
export interface ScenarioText {
  title: string;
  /** Whose repository the patch is for. */
  service: string;
  commit: { message: string; author: CommitAuthor };
  /** The judgement that an investigation should reach; by default the service of the patch and a revert. */
  expected: { service: string; remedy: string };
  /** The database that has to be there, beside what is always there. */
  database: typeof PAYMENTS | null;
  /** File name of the patch, when the scenario names it. */
  patch: string | null;
}

export type NormalisedScenario =
  | { readonly ok: true; readonly scenario: ScenarioText }
  | { readonly ok: false; readonly problems: readonly string[] };

const AUTHOR_LINE = /^\s*([^<>]+?)\s*<([^<>\s]+@[^<>\s]+)>\s*$/;
const SERVICE = /^[a-z0-9][a-z0-9-]*$/;
/** Words that people use for a remedy beside its kind. */
const REMEDY_WORDS: Readonly<Record<string, RemedyKind>> = {
  revert: 'revert-commit',
  gitrevert: 'revert-commit',
  revertthecommit: 'revert-commit',
  index: 'create-index',
  addindex: 'create-index',
  restart: 'restart-service',
  flush: 'flush-cache',
  rollback: 'config-rollback',
};
const MAIL_HOST = 'shop.example';

/**
 * Brings the spellings that people use for the same thing to one: `rootCauseService`, `root_cause_service` and
 * `expected: {root-cause: {service}}` mean the same. Keys that it does not know are left to the reader. Names every
 * problem, not only the first.
 */
export function normaliseScenario(raw: unknown): NormalisedScenario {
  const file = readKeys(raw);
  if (file === undefined) return { ok: false, problems: ['it holds no fields, only text'] };
  const problems: string[] = [];
  const need = (value: string | undefined, problem: string): string => {
    if (value === undefined) problems.push(problem);
    return value ?? '';
  };

  const title = need(textOf(file, ['title']), 'title is missing: one sentence that says what people notice');
  const service = need(textOf(file, ['service']), 'service is missing: whose repository the patch is for');
  if (service !== '' && !SERVICE.test(service))
    problems.push(`service "${service}" is not a repository's name: lower case, digits and hyphens`);

  const commit = readKeys(file.get('commit'));
  const message = need(
    textOf(commit, ['message', 'msg', 'subject']) ?? textOf(file, ['commit', 'commitmessage', 'message']),
    'commit.message is missing: what the author of the fault wrote',
  );
  const author = readAuthor(commit) ?? readAuthor(file);
  if (author === undefined) problems.push('commit.author is missing: {name, email} or "Name <address>"');
  else if ('problem' in author) problems.push(author.problem);

  const expected = readKeys(file.get('expected')) ?? readKeys(file.get('expect'));
  const expectedService =
    readExpectedService(expected, ['service', 'rootcauseservice', 'rootcause']) ??
    readExpectedService(file, [
      'expectedservice',
      'expectedrootcauseservice',
      'expectedrootcause',
      'rootcauseservice',
    ]);
  const expectedRemedy =
    readRemedy(expected, ['remedy', 'fix']) ?? readRemedy(file, ['expectedremedy', 'expectedfix', 'remedy']);

  const database = textOf(file, ['database', 'databases']) ?? null;
  if (database !== null && database !== PAYMENTS)
    problems.push(`database "${database}" is not one that the shop can have: ${PAYMENTS}`);

  if (problems.length > 0 || author === undefined || 'problem' in author) return { ok: false, problems };
  return {
    ok: true,
    scenario: {
      title,
      service,
      commit: { message, author },
      expected: { service: expectedService ?? service, remedy: expectedRemedy ?? 'revert-commit' },
      database: database === null ? null : PAYMENTS,
      patch: textOf(file, ['patch', 'patchfile', 'diff']) ?? null,
    },
  };
}

type Keys = ReadonlyMap<string, unknown>;

/** The fields of a mapping by their names without case, hyphens, underscores and blanks. */
function readKeys(value: unknown): Keys | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(
    Object.entries(value).map(([key, field]) => [key.toLowerCase().replace(/[-_\s]/g, ''), field]),
  );
}

function textOf(keys: Keys | undefined, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = keys?.get(name);
    if ((typeof value === 'string' || typeof value === 'number') && String(value).trim() !== '')
      return String(value).trim();
  }
  return undefined;
}

function readAuthor(keys: Keys | undefined): CommitAuthor | { problem: string } | undefined {
  const value = keys?.get('author') ?? keys?.get('commitauthor');
  const parts = readKeys(value);
  const line = typeof value === 'string' ? value.trim() : '';
  const [, lineName, lineEmail] = AUTHOR_LINE.exec(line) ?? [];
  const name = textOf(parts, ['name']) ?? lineName ?? (line || textOf(keys, ['authorname']));
  const email = textOf(parts, ['email', 'mail']) ?? lineEmail ?? textOf(keys, ['authoremail', 'email']);
  if (name === undefined) return undefined;
  // Git ends a name and an address at these, so they would end up as somebody else's.
  if (/[<>\n]/.test(name) || (email !== undefined && !/^[^<>\s]+@[^<>\s]+$/.test(email)))
    return { problem: `author "${line || name}" is neither {name, email} nor "Name <address>" nor a name` };
  return { name, email: email ?? addressOf(name) };
}

/** Somebody who is known by name only still needs an address in git. */
function addressOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const local = plain.replace(/[^a-z0-9]+/g, '.').replace(/^\.|\.$/g, '');
  return `${local || 'author'}@${MAIL_HOST}`;
}

function readExpectedService(keys: Keys | undefined, names: readonly string[]): string | undefined {
  for (const name of names) {
    const inner = readKeys(keys?.get(name));
    const found = textOf(inner, ['service', 'name']) ?? textOf(keys, [name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readRemedy(keys: Keys | undefined, names: readonly string[]): string | undefined {
  for (const name of names) {
    const said = textOf(readKeys(keys?.get(name)), ['kind', 'type', 'name']) ?? textOf(keys, [name]);
    if (said === undefined) continue;
    const word = said.toLowerCase().replace(/[^a-z]/g, '');
    return remedyKinds.find((kind) => kind.replaceAll('-', '') === word) ?? REMEDY_WORDS[word] ?? said;
  }
  return undefined;
}
