import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigInvalid } from '../../../src/config/environment.ts';
import { readSandboxImages } from '../../../src/config/sandbox-images.ts';

describe('the images of sandboxes', () => {
  let folder: string;
  const id = `sha256:${'a1'.repeat(32)}`;
  const written = (content: unknown): string => {
    const file = path.join(folder, 'images.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const entry = {
    name: 'warroom/sandbox-node:1',
    id,
    base: 'host',
    builtAt: '2026-11-22T10:00:00.123456789Z',
  };
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'images-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are those that set-up recorded, by the digest of their content', () => {
    const images = readSandboxImages(written({ version: 1, images: { node: entry } }));

    expect(images.node).toBe(id);
  });

  it('go by name where nothing is recorded', () => {
    expect(readSandboxImages(path.join(folder, 'none.json')).go).toBe('warroom/sandbox-go:current');
    expect(readSandboxImages(written({ version: 1, images: { node: entry } })).redis).toBe(
      'warroom/sandbox-redis:current',
    );
  });

  it('are those that somebody has named before all others', () => {
    const file = written({ version: 1, images: { node: entry } });

    expect(readSandboxImages(file, { node: 'mine:1', python: null })).toMatchObject({
      node: 'mine:1',
      python: 'warroom/sandbox-python:current',
    });
  });

  it.each([
    ['cut in the middle', '{"version":1,'],
    ['of another version', { version: 2, images: {} }],
    ['with a name for a digest', { version: 1, images: { node: { ...entry, id: 'warroom/sandbox-node' } } }],
  ])('are not guessed from a record that is %s', (_, content) => {
    expect(() => readSandboxImages(written(content))).toThrow(ConfigInvalid);
  });
});
