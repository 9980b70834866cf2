import { hasGitFolder, isPresentable, type RawPath, toText } from './raw-path.ts';
import type { EntryKind, StartTree } from './start-tree.ts';
import { tooMuchChanged } from './workspace-errors.ts';

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

/**
 * What is found in a workspace against what it began with. Whatever is added beyond the bounds ends it: all or nothing is
 * brought out.
 */
export class ChangeList {
  readonly #start: StartTree;
  readonly #most: { files: number; bytes: number };
  readonly #changes = new Map<RawPath, TreeChange>();
  readonly #refused = new Set<RawPath>();
  #bytes = 0;

  constructor(start: StartTree, most: { files: number; bytes: number }) {
    this.#start = start;
    this.#most = most;
  }

  /**
   * A regular file that may have been changed. `read` is called when its size alone does not tell, and for those that are
   * brought out: at most `size` bytes of it count.
   */
  addFile(path: RawPath, file: { size: number; executable: boolean }, read: () => Buffer): void {
    const before = this.#start.kindOf(path) === 'file' ? this.#start.stat(path) : undefined;
    const mayBeSame = before !== undefined && before.size === file.size;
    if (!mayBeSame && !isPresentable(path)) {
      this.#refuse(path);
      return;
    }
    // What would be too much is not even read, unless it may be no change at all.
    if (!mayBeSame && this.#bytes + file.size > this.#most.bytes) throw tooMuchChanged(this.#most);
    const content = read();
    const isSame =
      mayBeSame && before.executable === file.executable && content.equals(this.#start.read(path));
    if (isSame) return;
    if (!isPresentable(path)) {
      this.#refuse(path);
      return;
    }
    this.#bytes += content.length;
    this.#add(path, { kind: 'written', path: toText(path), content, executable: file.executable });
  }

  /** Another name of a file that was added, or would have been had it changed. */
  addName(path: RawPath, of: RawPath): void {
    const changed = this.#changes.get(of);
    if (changed?.kind === 'written') {
      this.addFile(
        path,
        { size: changed.content.length, executable: changed.executable },
        () => changed.content,
      );
    } else if (this.#start.kindOf(of) === 'file') {
      this.addFile(path, this.#start.stat(of), () => this.#start.read(of));
    } else {
      this.#refuse(path);
    }
  }

  /** A link, device, pipe or socket. A link that was there from the start is none. */
  addOther(path: RawPath, kind: EntryKind, target?: RawPath): void {
    const before = this.#start.kindOf(path);
    if (kind === 'link' && before === 'link' && target === this.#start.targetOf(path)) return;
    this.#refuse(path);
    if (before !== undefined) this.addMissing(path);
  }

  /** A folder that is not looked into. */
  refuseFolder(path: RawPath): void {
    this.#refuse(path);
  }

  /** What was there from the start at this path, and below it, is there no longer. */
  addMissing(path: RawPath): void {
    for (const gone of this.#start.contentsOf(path)) {
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
