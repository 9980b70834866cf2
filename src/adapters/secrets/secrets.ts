import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SecretRef } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Secrets } from '../../ports/secrets.ts';

export class SecretMissing extends WarroomError {
  readonly code = 'secret_missing';
}

const maxFileBytes = 64 * 1024;

/** Nothing is kept between reads: a file that is rotated counts from the next use on. */
export function createSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  return {
    read: (ref) => ('env' in ref ? readVariable(environment, ref.env) : readFile(ref.file)),
  };
}

async function readVariable(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): Promise<string> {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw missing({ env: name }, 'is not set', `Set ${name} where Warroom runs, or correct the catalogue.`);
}

async function readFile(path: string): Promise<string> {
  const where: SecretRef = { file: path };
  let bytes: Buffer;
  try {
    // non-blocking: the open of a pipe would wait for its writer for ever
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw missing(where, 'is not a regular file', 'Name a file.');
      bytes = Buffer.alloc(maxFileBytes + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      bytes = bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SecretMissing) throw error;
    const detail = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw missing(
      where,
      `cannot be read (${detail})`,
      'Check that it is there and that Warroom may read it.',
    );
  }
  if (bytes.length > maxFileBytes) {
    throw missing(
      where,
      `is larger than ${maxFileBytes / 1024} KB`,
      'Name the file that holds this one credential.',
    );
  }
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw missing(where, 'is empty', 'Write the credential into it.');
}

function missing(ref: SecretRef, why: string, hint: string): SecretMissing {
  const place = 'env' in ref ? `The environment variable ${ref.env}` : `The file ${ref.file}`;
  return new SecretMissing(`${place}, which should hold a credential, ${why}.`, hint);
}
