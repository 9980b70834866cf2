import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const project = resolve(import.meta.dirname, '../../..');

describe('the documents', () => {
  it('link to files that are there', async () => {
    const pages = [
      'README.md',
      ...(await readdir(join(project, 'docs'), { recursive: true })).map((name) => `docs/${name}`),
    ];
    const broken: string[] = [];
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      const text = await readFile(join(project, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
        if (/^https?:/.test(target)) continue;
        if (!existsSync(resolve(project, dirname(page), target))) broken.push(`${page} → ${target}`);
      }
    }

    expect(broken).toEqual([]);
  });

  it('name the stages in the order of the story', async () => {
    const readme = await readFile(join(project, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| ([a-z ]+) \| \[`flow\//gm)].map((row) => row[1]);

    expect(rows).toEqual([
      'intake',
      'incident',
      'triage',
      'investigation',
      'root cause',
      'plan',
      'approval',
      'execution',
      'verification',
      'rollback',
      'learning',
    ]);
  });

  it('mention only commands that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const readme = await readFile(join(project, 'README.md'), 'utf8');
    const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map((match) => match[1] ?? '');

    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
