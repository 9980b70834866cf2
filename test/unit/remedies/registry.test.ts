import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { remedyKinds as kindsOfPlans } from '../../../src/domain/plan.ts';
import { remedyKinds } from '../../../src/remedies/registry.ts';

const home = fileURLToPath(new URL('../../../src/remedies', import.meta.url));

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** What several kinds share has a folder that says so; every other folder is a kind. */
const isShared = (folder: string) => folder.startsWith('shared-');

describe('the registry of remedies', () => {
  it('lists exactly the folders that hold a kind, and every kind that a plan may name', async () => {
    const folders = (await foldersOf(home)).filter((folder) => !isShared(folder));

    expect(folders.toSorted()).toEqual([...remedyKinds].toSorted());
    expect([...remedyKinds].toSorted()).toEqual([...kindsOfPlans].toSorted());
  });

  it('finds each kind in a file of its own name, and none in what is shared', async () => {
    for (const folder of await foldersOf(home)) {
      const files = await readdir(`${home}/${folder}`);
      const held = files.filter((file) => kindsOfPlans.some((kind) => file === `${kind}.ts`));

      expect(held, folder).toEqual(isShared(folder) ? [] : [`${folder}.ts`]);
    }
  });
});
