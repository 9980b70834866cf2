import { readFileSync, realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

const root = realpathSync(process.cwd());

/** Relative where it lies in the workspace. */
export function fileOf(url: string): string {
  const path = url.startsWith('file:') ? pathOf(url) : url;
  const inside = path.startsWith('/') ? relative(root, path) : path;
  return (inside.startsWith('..') ? path : inside).slice(0, 480);
}

export function absolute(file: string): string {
  const path = resolve(root, file);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export function isOwn(file: string): boolean {
  return file !== '' && !/^(node:|\/)|(^|\/)node_modules\/|^evalmachine|^internal\//.test(file);
}

export function frameOf(name: string, url: string, line: number): Frame {
  return { function: (name || '(anonymous)').slice(0, 280), file: fileOf(url), line };
}

/** Without the runtime's own frames, unless there is nothing else. */
export function ownFrames(stack: readonly Frame[]): Frame[] {
  const own = stack.filter((frame) => !/^(node:|internal\/|$)/.test(frame.file));
  return (own.length > 0 ? own : [...stack]).slice(0, 30);
}

const sources = new Map<string, readonly string[]>();

/** What stands there; empty when it cannot be read. */
export function lineText(file: string, line: number): string {
  let lines = sources.get(file);
  if (lines === undefined) {
    try {
      lines = readFileSync(absolute(file), 'utf8').split('\n');
    } catch {
      lines = [];
    }
    sources.set(file, lines);
  }
  return (lines[line - 1] ?? '').trim().slice(0, 300);
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
