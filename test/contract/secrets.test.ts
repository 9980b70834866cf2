import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSecrets } from '../../src/adapters/secrets/secrets.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'warroom-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(content: string | Buffer): string {
  const file = path.join(folder, `secret-${Math.random()}`);
  writeFileSync(file, content);
  return file;
}

describe('secrets', () => {
  it('reads a variable at the moment of use', async () => {
    const environment: Record<string, string> = { DB_URL: 'first' };
    const secrets = createSecrets(environment);

    environment['DB_URL'] = 'second';

    expect(await secrets.read({ env: 'DB_URL' })).toBe('second');
  });

  it('reads a file at the moment of use, without the newline at its end', async () => {
    const file = fileWith('first\n');
    const secrets = createSecrets({});

    const first = await secrets.read({ file });
    writeFileSync(file, ' second \r\n');

    expect([first, await secrets.read({ file })]).toEqual(['first', ' second ']);
  });

  it('follows a link, as mounted secrets are', async () => {
    const link = path.join(folder, 'link');
    symlinkSync(fileWith('mounted'), link);

    expect(await createSecrets({}).read({ file: link })).toBe('mounted');
  });

  it.each([
    ['a variable that is not set', { env: 'NOWHERE' }, /variable NOWHERE.* is not set/],
    ['a variable that is empty', { env: 'EMPTY' }, /variable EMPTY.* is not set/],
    ['what every object has', { env: 'constructor' }, /constructor.* is not set/],
    ['a file that is not there', { file: '/nowhere/secret' }, /\/nowhere\/secret.*ENOENT/],
    ['a folder', { file: os.tmpdir() }, /not a regular file/],
    ['a device', { file: '/dev/zero' }, /not a regular file/],
    ['an empty file', { file: fileWith('\n') }, /is empty/],
    ['a file that is too large', { file: fileWith('TOP-SECRET'.repeat(7_000)) }, /larger than 64 KB/],
  ])('names the place, never the value, for %s', async (_what, ref, message) => {
    const error = await createSecrets({ EMPTY: '', OTHER: 'TOP-SECRET' })
      .read(ref)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'secret_missing', retryable: false });
    expect(String(error)).toMatch(message);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('TOP-SECRET');
  });
});
