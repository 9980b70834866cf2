import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { remedyKinds } from '../../../src/domain/plan.ts';
import { createRemedies } from '../../../src/remedies/registry.ts';
import type { Tools } from '../../../src/remedies/tools.ts';

const home = fileURLToPath(new URL('../../../src/remedies', import.meta.url));

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** What several kinds share has a folder that says so; every other folder is a kind. */
const isShared = (folder: string) => folder.startsWith('shared-');

describe('the registry of remedies', () => {
  it('makes every kind that a plan may name, under its own name', () => {
    const remedies = createRemedies({} as Tools);

    expect(Object.keys(remedies).toSorted()).toEqual([...remedyKinds].toSorted());
    for (const kind of remedyKinds) expect(remedies[kind].kind).toBe(kind);
  });

  it('has a folder for each kind and no other', async () => {
    const folders = (await foldersOf(home)).filter((folder) => !isShared(folder));

    expect(folders.toSorted()).toEqual([...remedyKinds].toSorted());
  });

  it('finds each kind in a file of its own name, and none in what is shared', async () => {
    for (const folder of await foldersOf(home)) {
      const files = await readdir(`${home}/${folder}`);
      const held = files.filter((file) => remedyKinds.some((kind) => file === `${kind}.ts`));

      expect(held, folder).toEqual(isShared(folder) ? [] : [`${folder}.ts`]);
    }
  });
});
