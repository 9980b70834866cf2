import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkScenario } from '../../../demo/shop/inject-scenario.ts';
import { createShopRepositories, SHOP_SERVICES } from '../../../demo/shop/repositories.ts';
import { readScenario } from '../../../demo/shop/scenario.ts';

describe('docs/scenarios.md', () => {
  let dir: string;
  let page: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'scenarios-page-'));
    page = await readFile(resolve('docs/scenarios.md'), 'utf8');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('shows an example that works', async () => {
    const block = (language: string) =>
      new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';
    await writeFile(join(dir, 'scenario.yaml'), block('yaml'));
    await writeFile(join(dir, 'fault.patch'), block('diff'));
    await createShopRepositories(join(dir, 'repositories'));

    await expect(checkScenario(await readScenario(dir), join(dir, 'repositories'))).resolves.toBeUndefined();
  });

  it.each(SHOP_SERVICES.map((service) => [service]))(
    'names every file that can be changed in %s',
    async (service) => {
      const root = resolve('demo/shop/services', service);
      const files = [...(await readdir(join(root, 'src'))), ...(await readdir(join(root, 'config')))];
      const row = page.split('\n').find((line) => line.startsWith(`| [${service}]`));

      for (const file of files.filter((name) => name !== 'server.js')) expect(row).toContain(`\`${file}\``);
    },
  );
});
