import { compareText } from './allot.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { TreeFile } from './read-tree.ts';

export interface MappedFile {
  readonly file: TreeFile;
  readonly tokens: number;
  readonly relevance: number;
}

/** Symbols a file shows, most first: the first that fits the room is taken. */
const details = [16, 8, 4, 2, 0] as const;
/** Depths of folders, where even names alone are too many. */
const depths = [6, 4, 3, 2, 1] as const;

/** Folders, files and what they declare, with as much detail as the room allows; every file is counted somewhere. */
export function writeMap(
  files: readonly MappedFile[],
  roomTokens: number,
  symbolsOf: (file: TreeFile) => readonly string[],
): string {
  const symbols = new Map(files.map(({ file }) => [file.path, symbolsOf(file)]));
  for (const most of details) {
    const map = listFiles(files, (path) => symbols.get(path)?.slice(0, most) ?? []);
    if (estimateTokens(map) <= roomTokens) return map;
  }
  for (const depth of depths) {
    const map = countFolders(files, depth);
    if (estimateTokens(map) <= roomTokens) return map;
  }
  return countFolders(files, 0);
}

function listFiles(files: readonly MappedFile[], symbolsOf: (path: string) => readonly string[]): string {
  const lines: string[] = [];
  const folders = Map.groupBy(files, ({ file }) => folderOf(file.path));
  for (const [folder, inside] of [...folders].toSorted(([a], [b]) => compareText(a, b))) {
    lines.push(`${folder}/`);
    for (const { file, tokens } of inside) {
      const names = symbolsOf(file.path).join(' ');
      const name = file.path.slice(file.path.lastIndexOf('/') + 1);
      lines.push(` ${name} ${tokens}${names === '' ? '' : `: ${names}`}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function countFolders(files: readonly MappedFile[], depth: number): string {
  const folders = Map.groupBy(files, ({ file }) => folderOf(file.path).split('/').slice(0, depth).join('/'));
  return `${[...folders]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(
      ([folder, inside]) =>
        `${folder}/ ${inside.length} files, ${inside.reduce((sum, one) => sum + one.tokens, 0)} tokens`,
    )
    .join('\n')}\n`;
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '.' : path.slice(0, end);
}
