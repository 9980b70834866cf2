import path from 'node:path';

/**
 * A path as the system has it: bytes, one a character (latin1). File names need not be text, and decoding them would make
 * two names one, or name a file that does not exist.
 */
export type RawPath = string;

/** Longer ones cannot be opened by their name anywhere, so nobody could put them into a repository. */
const pathMaxBytes = 4000;

export function toSystem(raw: RawPath): Buffer {
  return Buffer.from(raw, 'latin1');
}

export function fromText(text: string): RawPath {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Lossy where the name is not text. */
export function toText(raw: RawPath): string {
  return toSystem(raw).toString('utf8');
}

export function join(folder: RawPath, name: RawPath): RawPath {
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * Whether a file of this path may be handed to anybody outside: text, short enough, inside, and nothing that git would
 * take for its own.
 */
export function isPresentable(raw: RawPath): boolean {
  return raw.length <= pathMaxBytes && isInside(raw) && fromText(toText(raw)) === raw && !hasGitFolder(raw);
}

export function isInside(relative: string): boolean {
  return (
    relative !== '' &&
    !relative.includes('\0') &&
    !path.posix.isAbsolute(relative) &&
    relative.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Configuration and hooks of git run programs, on whatever machine the files end up. */
export function hasGitFolder(relative: string): boolean {
  return relative.split('/').some((part) => part.toLowerCase() === '.git');
}
