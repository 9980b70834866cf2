import type { FileClass } from '../../analysis/culprits/classify-file.ts';
import type { TreeFile } from './read-tree.ts';

const worth: Readonly<Record<FileClass, number>> = {
  source: 1,
  config: 0.9,
  docs: 0.5,
  test: 0.4,
  ci: 0.3,
  lockfile: 0,
  asset: 0,
};

const generated =
  /(^|\/)(dist|build|out|gen|generated|_?snapshots?_?)\/|\.(min\.[cm]?js|pb\.go|d\.[cm]?ts|map|snap|svg)$|_pb2?\.(py|js|ts)$/i;
const entry = /(^|\/)(main|index|server|app|routes?|handlers?|api|schema|config|cli)\.\w+$/i;
const introduction = /(^|\/)(readme|context|architecture|design|runbook)\.\w+$/i;
const decision = /(^|\/)(adrs?|decisions)\//i;
const contract = /\.(proto|graphql|avsc|thrift)$|(^|\/)(openapi|swagger)[\w.-]*\.(json|ya?ml)$/i;

/**
 * How much each file says about a service, from the repository alone: its kind, how many other files import it, how deep
 * it lies, how long it is.
 */
export function rankFiles(files: readonly TreeFile[]): ReadonlyMap<string, number> {
  const importers = countImporters(files);
  const most = Math.max(1, ...importers.values());
  return new Map(
    files.map((file) => {
      const { path } = file;
      const central = Math.log1p(importers.get(nameOf(path)) ?? 0) / Math.log1p(most);
      const depth = path.split('/').length - 1;
      const score =
        worth[file.kind] +
        0.4 * central +
        (entry.test(path) ? 0.15 : 0) +
        (contract.test(path) ? 0.3 : 0) +
        (introduction.test(path) ? 0.5 : 0) +
        (decision.test(path) ? 0.3 : 0) -
        (generated.test(path) ? 0.5 : 0) -
        0.03 * depth -
        Math.min(0.3, file.text.length / 400_000);
      return [path, Number(score.toFixed(4))];
    }),
  );
}

const imports =
  /(?:from\s+|import\s*\(?\s*|require\s*\(\s*|include\s+)["'<]([^"'<>\n]{1,200})["'>]|^\s*(?:from|import)\s+([\w.]{1,200})/gm;

/** By the last part of what is imported: enough to tell what is used everywhere from what is not. */
function countImporters(files: readonly TreeFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const file of files) {
    if (file.kind !== 'source' && file.kind !== 'test') continue;
    // Imports stand at the beginning.
    const names = new Set<string>();
    for (const found of file.text.slice(0, 6_000).matchAll(imports))
      names.add(nameOf((found[1] ?? found[2] ?? '').replaceAll('.', found[1] === undefined ? '/' : '.')));
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function nameOf(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.replace(/\.\w+$/, '').toLowerCase();
}
