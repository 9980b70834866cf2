import { type RemedyKind, remedyKinds } from '../../src/domain/plan.ts';

/** The one database that the shop can have, behind payment-service. */
export const PAYMENTS = 'payments';

export interface CommitAuthor {
  name: string;
  email: string;
}

export interface CommitText {
  message: string;
  author: CommitAuthor;
}

/** A change that goes out together with the fault and breaks nothing. */
export interface BesideText {
  service: string;
  commit: CommitText;
  /** File name of its patch. */
  patch: string;
}

/** What `scenario.yaml` says, in one spelling. */
export interface ScenarioText {
  title: string;
  /** Whose repository the patch is for; without a fault, whom the alert is about. */
  service: string;
  /** Null where nothing is broken. */
  commit: CommitText | null;
  also: readonly BesideText[];
  /** The judgement that an investigation should reach; by default the service of the patch and a revert. */
  expected: { service: string; remedy: string } | 'inconclusive';
  /** How many times the usual load comes from the injection on, until the alert has been judged. */
  trafficFactor: number | null;
  /** File name of alerting rules that this scenario has beside everybody's. */
  alerts: string | null;
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

  const expected = readKeys(file.get('expected')) ?? readKeys(file.get('expect'));
  const outcome = textOf(expected, ['outcome']) ?? textOf(file, ['expectedoutcome']);
  if (outcome !== undefined && outcome !== 'inconclusive')
    problems.push(`expected.outcome "${outcome}" is not known: inconclusive, or leave it away`);
  const faultless = outcome === 'inconclusive' && !COMMIT_KEYS.some((key) => file.has(key));
  const commit = faultless ? null : readCommit(file, '', problems);
  const also = readAlso(file.get('also'), problems);
  const trafficFactor = readFactor(file, problems);

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

  for (const one of also)
    if (one.service === service && commit !== null)
      problems.push(`also: ${service} has the fault already; name another service`);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    scenario: {
      title,
      service,
      commit,
      also,
      expected:
        outcome === 'inconclusive'
          ? outcome
          : { service: expectedService ?? service, remedy: expectedRemedy ?? 'revert-commit' },
      trafficFactor,
      alerts: textOf(file, ['alerts', 'alertrules', 'rules']) ?? null,
      database: database === null ? null : PAYMENTS,
      patch: textOf(file, ['patch', 'patchfile', 'diff']) ?? null,
    },
  };
}

type Keys = ReadonlyMap<string, unknown>;

const COMMIT_KEYS = ['commit', 'commitmessage', 'message'];
const MOST_TRAFFIC = 10;

/** @param where what precedes the field's name in a problem */
function readCommit(file: Keys, where: string, problems: string[]): CommitText {
  const commit = readKeys(file.get('commit'));
  const message =
    textOf(commit, ['message', 'msg', 'subject']) ?? textOf(file, ['commit', 'commitmessage', 'message']);
  if (message === undefined)
    problems.push(
      `${where}commit.message is missing: what the author of the ${where ? 'change' : 'fault'} wrote`,
    );
  const author = readAuthor(commit) ?? readAuthor(file);
  if (author === undefined)
    problems.push(`${where}commit.author is missing: {name, email} or "Name <address>"`);
  else if ('problem' in author) problems.push(author.problem);
  const known = author !== undefined && !('problem' in author);
  return { message: message ?? '', author: known ? author : { name: '', email: '' } };
}

function readAlso(value: unknown, problems: string[]): BesideText[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((entry: unknown) => {
    const keys = readKeys(entry) ?? new Map<string, unknown>();
    const service = textOf(keys, ['service']);
    if (service === undefined || !SERVICE.test(service))
      problems.push('also.service is missing: whose repository the other change is for');
    const patch = textOf(keys, ['patch', 'patchfile', 'diff']);
    if (patch === undefined) problems.push('also.patch is missing: the file name of the other change');
    return { service: service ?? '', patch: patch ?? '', commit: readCommit(keys, 'also.', problems) };
  });
}

function readFactor(file: Keys, problems: string[]): number | null {
  const said = textOf(readKeys(file.get('traffic')), ['factor', 'times']) ?? textOf(file, ['traffic']);
  if (said === undefined) return null;
  const factor = Number(said);
  if (Number.isFinite(factor) && factor > 0 && factor <= MOST_TRAFFIC) return factor;
  problems.push(`traffic.factor "${said}" is not a number up to ${MOST_TRAFFIC}`);
  return null;
}

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
