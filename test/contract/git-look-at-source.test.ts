import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit } from '../../src/adapters/git/git.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';
import { aService } from '../support/builders.ts';
import { createRepository } from '../unit/agents/invented-repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'warroom-look-'));
const service = aService({
  name: 'shop',
  repository: { url: `file://${join(folder, 'shop')}`, slug: 'acme/shop', branch: 'main' },
});
const signal = AbortSignal.timeout(60_000);
let source: SourceControl;
let shas: string[];
let head: string;

beforeAll(async () => {
  shas = createRepository(
    join(folder, 'shop'),
    [
      {
        subject: 'First',
        minutesAgo: 300,
        files: {
          'src/token.js': 'const a = 1;\nconst ttlHours = 24;\nexport { a };\n',
          'src/[x]*/odd name.js': 'odd();\n',
          'README.md': '# Shop\n',
          'evil.txt': `${'a'.repeat(60)}b\n`.repeat(40),
        },
      },
      {
        subject: 'Shorter tokens',
        minutesAgo: 100,
        files: { 'src/token.js': 'const a = 1;\nconst ttlHours = 1;\nexport { a };\n' },
      },
      { subject: 'Words', minutesAgo: 50, files: { 'README.md': '# The shop\n' } },
    ],
    Date.now(),
  );
  source = createGit({ cacheDir: join(folder, 'mirrors'), credentials: async () => null, log: silentLog });
  head = (await source.fetch(service, signal)).head;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a look at the source', () => {
  it('lists a folder with sizes, whatever its name is made of', async () => {
    expect(await source.tree(service, { at: head, folder: 'src/[x]*' }, signal)).toEqual([
      { path: 'src/[x]*/odd name.js', bytes: 7 },
    ]);
    expect((await source.tree(service, { at: head, folder: '' }, signal)).map((one) => one.path)).toEqual([
      'README.md',
      'evil.txt',
      'src/[x]*/odd name.js',
      'src/token.js',
    ]);
    expect(await source.tree(service, { at: head, folder: 'nowhere' }, signal)).toEqual([]);
  });

  it('searches by expression, in one folder, in any case', async () => {
    const hits = await source.search(
      service,
      {
        at: head,
        text: String.raw`TTL\w+ = \d`,
        is: 'expression',
        ignoreCase: true,
        under: 'src',
        limit: 10,
      },
      signal,
    );

    expect(hits).toEqual([{ path: 'src/token.js', line: 2, text: 'const ttlHours = 1;' }]);
    expect(
      await source.search(service, { at: head, text: 'ttlHours', under: 'README.md', limit: 9 }, signal),
    ).toEqual([]);
    for (const text of ['(unclosed', '(?<!x*)b'])
      await expect(
        source.search(service, { at: head, text, is: 'expression', limit: 9 }, signal),
      ).rejects.toMatchObject({ code: 'source_refused', hint: expect.stringContaining('fixed text') });
  });

  it('ends an expression that would search for ever', async () => {
    const began = Date.now();

    await source
      .search(service, { at: head, text: '(a+)+(a+)+(a+)+c', is: 'expression', limit: 9 }, signal)
      .catch((error: unknown) => expect(error).toMatchObject({ code: 'source_refused' }));

    expect(Date.now() - began).toBeLessThan(9_500);
  });

  it('says which commit last changed a line', async () => {
    const blamed = await source.blame(
      service,
      { at: head, path: 'src/token.js', fromLine: 1, lines: 3 },
      signal,
    );

    expect(blamed?.map((one) => [one.sha, one.fromLine, one.lines.length, one.subject, one.author])).toEqual([
      [shas[0], 1, 1, 'First', 'Ada Test'],
      [shas[1], 2, 1, 'Shorter tokens', 'Ada Test'],
      [shas[0], 3, 1, 'First', 'Ada Test'],
    ]);
    expect(
      await source.blame(service, { at: head, path: 'src/token.js', fromLine: 99, lines: 3 }, signal),
    ).toEqual([]);
    expect(
      await source.blame(service, { at: head, path: 'none.js', fromLine: 1, lines: 3 }, signal),
    ).toBeUndefined();
  });

  it('compares two commits, also of one file alone', async () => {
    const [first = '', , last = ''] = shas;
    const all = await source.compare(service, { from: first, to: last, maxBytes: 9_000 }, signal);
    const one = await source.compare(
      service,
      { from: first, to: last, path: 'src/token.js', maxBytes: 20 },
      signal,
    );

    expect(all.files).toEqual([
      { path: 'README.md', added: 1, removed: 1 },
      { path: 'src/token.js', added: 1, removed: 1 },
    ]);
    expect(all.diff).toContain('-const ttlHours = 24;\n+const ttlHours = 1;');
    expect(one.files).toHaveLength(1);
    expect(one.diff).toContain('cut at 20 bytes');
  });

  it('lists commits of a path, by their words, and between two', async () => {
    const subjects = async (query: Partial<Parameters<SourceControl['log']>[1]>): Promise<string[]> =>
      (await source.log(service, { at: head, limit: 9, ...query }, signal)).map((one) => one.subject);

    expect(await subjects({ path: 'src' })).toEqual(['Shorter tokens', 'First']);
    expect(await subjects({ text: 'TOKENS' })).toEqual(['Shorter tokens']);
    expect(await subjects({ except: shas[0] ?? '' })).toEqual(['Words', 'Shorter tokens']);
  });
});
