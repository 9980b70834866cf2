import { closeSync } from 'node:fs';
import { hasGitFolder, isPresentable, type RawPath, toText } from './raw-path.ts';
import { partBytes, partsOf, type ReadPart, readAt } from './read-part.ts';
import type { EntryKind, StartTree } from './start-tree.ts';
import type { Turns } from './turns.ts';
import { tooMuchChanged, tooMuchToCompare } from './workspace-errors.ts';

/** One file that commands changed, relative to the workspace. */
export type TreeChange =
  | {
      readonly kind: 'written';
      readonly path: string;
      readonly content: Buffer;
      readonly executable: boolean;
    }
  | { readonly kind: 'deleted'; readonly path: string };

export interface TreeChanges {
  /** Regular files only, by path. */
  readonly changes: readonly TreeChange[];
  /** What may not be brought out. */
  readonly refused: readonly string[];
}

/** What is known of a file before it is read. */
interface FileFacts {
  readonly size: number;
  readonly executable: boolean;
}

/**
 * What is found in a workspace against what it began with. Whatever is added beyond the bounds ends it: all or nothing is
 * brought out. Files may be holes of any size that cost commands nothing, so that what is compared is bounded as well.
 */
export class ChangeList {
  readonly #start: StartTree;
  readonly #most: { files: number; bytes: number };
  readonly #turns: Turns;
  readonly #changes = new Map<RawPath, TreeChange>();
  readonly #refused = new Set<RawPath>();
  #bytes = 0;
  #toCompare: number;

  /** @param comparedBytes of all files together that are as large as they were */
  constructor(
    start: StartTree,
    most: { files: number; bytes: number },
    { turns, comparedBytes }: { turns: Turns; comparedBytes: number },
  ) {
    this.#start = start;
    this.#most = most;
    this.#turns = turns;
    this.#toCompare = comparedBytes;
  }

  /**
   * A regular file that may have been changed. `read` is called when its size alone does not tell, and for those that are
   * brought out.
   */
  async addFile(path: RawPath, file: FileFacts, read: ReadPart): Promise<void> {
    const before = this.#start.kindOf(path) === 'file' ? this.#start.stat(path) : undefined;
    const mayBeSame = before?.size === file.size && before.executable === file.executable;
    const parts: Buffer[] = [];
    if (mayBeSame && (await this.#compare(path, file, read, parts)) === 'same') return;
    if (!isPresentable(path)) {
      this.#refuse(path);
      return;
    }
    if (!this.#hasRoom(file)) throw tooMuchChanged(this.#most);
    for (let part = await read(); part !== null; part = await read()) {
      parts.push(part);
      if (this.#turns.isOver) await this.#turns.next();
    }
    const content = Buffer.concat(parts);
    this.#bytes += content.length;
    this.#add(path, { kind: 'written', path: toText(path), content, executable: file.executable });
  }

  /** Another name of a file that was added, or would have been had it changed. */
  async addName(path: RawPath, of: RawPath): Promise<void> {
    const changed = this.#changes.get(of);
    if (changed?.kind === 'written') {
      const { content, executable } = changed;
      let at = 0;
      await this.addFile(path, { size: content.length, executable }, async () => {
        const part = content.subarray(at, at + partBytes);
        at += part.length;
        return part.length === 0 ? null : part;
      });
    } else if (this.#start.kindOf(of) === 'file') {
      const file = this.#start.open(of);
      try {
        const facts = this.#start.stat(of);
        await this.addFile(path, facts, partsOf(file, facts.size));
      } finally {
        closeSync(file);
      }
    } else {
      this.#refuse(path);
    }
  }

  /** A link, device, pipe or socket. A link that was there from the start is none. */
  async addOther(path: RawPath, kind: EntryKind, target?: RawPath): Promise<void> {
    const before = this.#start.kindOf(path);
    if (kind === 'link' && before === 'link' && target === this.#start.targetOf(path)) return;
    this.#refuse(path);
    if (before !== undefined) await this.addMissing(path);
  }

  /** A folder that is not looked into. */
  refuseFolder(path: RawPath): void {
    this.#refuse(path);
  }

  /** What was there from the start at this path, and below it, is there no longer. */
  async addMissing(path: RawPath): Promise<void> {
    for await (const gone of this.#start.contentsOf(path, this.#turns)) {
      if (isPresentable(gone)) this.#add(gone, { kind: 'deleted', path: toText(gone) });
      else this.#refuse(gone);
    }
  }

  finish(): TreeChanges {
    return {
      changes: [...this.#changes.values()].sort((a, b) => order(a.path, b.path)),
      refused: [...this.#refused].map(toText).sort(order),
    };
  }

  /**
   * Up to the first part that differs.
   * @param parts gets what was read, unless it could not be brought out anyway
   */
  async #compare(
    path: RawPath,
    file: FileFacts,
    read: ReadPart,
    parts: Buffer[],
  ): Promise<'same' | 'different'> {
    const isKept = isPresentable(path) && this.#hasRoom(file);
    const before = this.#start.open(path);
    try {
      let at = 0;
      for (let part = await read(); part !== null; part = await read()) {
        this.#toCompare -= part.length;
        if (this.#toCompare < 0) throw tooMuchToCompare();
        if (isKept) parts.push(part);
        if (!part.equals(await readAt(before, at, part.length))) return 'different';
        at += part.length;
        if (this.#turns.isOver) await this.#turns.next();
      }
      return at === file.size ? 'same' : 'different';
    } finally {
      closeSync(before);
    }
  }

  #hasRoom({ size }: FileFacts): boolean {
    return this.#bytes + size <= this.#most.bytes;
  }

  #add(path: RawPath, change: TreeChange): void {
    this.#changes.set(path, change);
    this.#bound();
  }

  /** A whole folder of git is one. */
  #refuse(path: RawPath): void {
    const parts = path.split('/');
    const git = parts.findIndex(hasGitFolder);
    this.#refused.add(git === -1 ? path : parts.slice(0, git + 1).join('/'));
    this.#bound();
  }

  #bound(): void {
    const isTooMuch =
      this.#changes.size > this.#most.files ||
      this.#refused.size > this.#most.files ||
      this.#bytes > this.#most.bytes;
    if (isTooMuch) throw tooMuchChanged(this.#most);
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
