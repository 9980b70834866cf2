import type { CommitDocument } from './commit-document.ts';
import { tokenize } from './tokenize.ts';
import { countInto, type Field, fieldOf } from './word-measures.ts';

/** A commit taken apart into fields of words and sets of names. */
export interface ReadCommit {
  readonly document: CommitDocument;
  readonly content: Field;
  readonly added: Field;
  /** More often added than removed: what only moved is left out. */
  readonly brought: Field;
  readonly message: Field;
  readonly subject: Field;
  readonly paths: Field;
  readonly functions: Field;
  readonly whole: Field;
  readonly names: ReadonlySet<string>;
  readonly namesAround: ReadonlySet<string>;
}

export function readCommit(document: CommitDocument): ReadCommit {
  const content = new Map<string, number>();
  const added = new Map<string, number>();
  const brought = new Map<string, number>();
  for (const [name, times] of document.added) {
    const words = tokenize(name);
    countInto(added, words, times);
    countInto(content, words, times);
    const gain = gainOf(document, name);
    if (gain > 0) countInto(brought, words, gain);
  }
  for (const [name, times] of document.removed) countInto(content, tokenize(name), times);
  const subject = new Map<string, number>();
  countInto(subject, tokenize(document.subject));
  const message = new Map(subject);
  countInto(message, tokenize(document.body.slice(0, 20_000)));
  const paths = new Map<string, number>();
  for (const file of document.files) countInto(paths, tokenize(file.path.replace(/\.\w+$/, '')));
  const functions = new Map<string, number>();
  const around = new Set<string>();
  for (const hunk of document.hunks) {
    countInto(functions, tokenize(hunk.around.join(' ')));
    for (const name of hunk.around) around.add(name);
  }
  // What is said of a change counts more than what is in it.
  const whole = new Map(content);
  for (const [part, times] of [
    [message, 3],
    [paths, 2],
    [functions, 1],
  ] as const)
    for (const [word, count] of part) countInto(whole, [word], times * count);
  return {
    document,
    content: fieldOf(content),
    added: fieldOf(added),
    brought: fieldOf(brought),
    message: fieldOf(message),
    subject: fieldOf(subject),
    paths: fieldOf(paths),
    functions: fieldOf(functions),
    whole: fieldOf(whole),
    names: new Set([...document.added.keys(), ...document.removed.keys(), ...around]),
    namesAround: around,
  };
}

/** By how many more times a name was added than removed. */
export function gainOf(document: CommitDocument, name: string): number {
  return (document.added.get(name) ?? 0) - (document.removed.get(name) ?? 0);
}
