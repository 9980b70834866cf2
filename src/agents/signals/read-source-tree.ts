import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { classifyFile } from '../../analysis/culprits/classify-file.ts';
import type { SourceFile } from '../../analysis/culprits/source-index.ts';

const skipped = new Set(['.git', 'node_modules', 'vendor', 'dist', 'build', 'target', '.venv']);
const fileBytes = 120_000;
const mostFiles = 400;
const code = /\.(?:[cm]?[jt]sx?|py|go|java|kt|rb|rs|cs|php|scala|swift|c|cc|cpp|h|hpp|sh|sql)$/;

/** The code of a checked-out tree: no tests, no libraries, no giants; touched paths first where there are too many files. */
export async function readSourceTree(root: string, first: ReadonlySet<string>): Promise<SourceFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/').replace(/^\//, ''),
    )
    .filter((path) => !path.split('/').some((part) => skipped.has(part)))
    .filter((path) => code.test(path) && classifyFile(path) === 'source')
    .toSorted((a, b) => Number(first.has(b)) - Number(first.has(a)) || a.localeCompare(b))
    .slice(0, mostFiles);
  const files: SourceFile[] = [];
  for (const path of paths.toSorted()) {
    const file = join(root, path);
    if ((await stat(file)).size <= fileBytes) files.push({ path, text: await readFile(file, 'utf8') });
  }
  return files;
}
