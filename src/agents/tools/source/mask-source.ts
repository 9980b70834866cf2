import { maskByPath } from '../../context/inert-unit.ts';

/** Text of a file as it may be shown: settings without the values that their names call secret, line for line. */
export function maskFile(text: string, path: string): string {
  return maskByPath(text, path);
}

/** A unified diff of several files, each by its own kind; every line keeps its place and its sign. */
export function maskFiles(diff: string): string {
  return diff
    .split(/^(?=diff --git )/m)
    .map((part) => maskByPath(part, /^diff --git a\/.+? b\/(.+)$/m.exec(part)?.[1] ?? ''))
    .join('');
}
