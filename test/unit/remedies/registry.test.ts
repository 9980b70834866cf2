import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { remedyKinds } from '../../../src/remedies/registry.ts';

it('lists as remedies exactly the folders that hold one', async () => {
  const folder = fileURLToPath(new URL('../../../src/remedies', import.meta.url));
  const entries = await readdir(folder, { withFileTypes: true });

  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);

  expect(folders.toSorted()).toEqual([...remedyKinds].toSorted());
});
