import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { StartTree } from '../../../../platform/workspace/start-tree.ts';
import { oddEntry, WorkspaceTooLarge } from '../../../../platform/workspace/workspace-errors.ts';
import { writeFiles } from '../../../../platform/workspace/write-files.ts';
import type { WorkspaceChanges, WorkspaceFile } from '../../../../ports/sandbox.ts';
import { runScript } from './mounts.ts';
import { readOverlayChanges } from './overlay-changes.ts';
import type { CellAccess, CommandUser, Workspace, WorkspaceLimits } from './workspace.ts';

/** Each is a layer that every look-up may have to go through. */
const snapshotsMost = 16;
const oddCode = 3;

/**
 * One sandbox's overlay. Layers are numbered as they are made; each is a folder `u<number>` of the store, a tmpfs of this
 * sandbox alone, so that bytes and files of all of them together are bounded.
 */
export class OverlayWorkspace implements Workspace {
  readonly #folder: string;
  readonly #door: string;
  readonly #user: CommandUser;
  readonly #limits: WorkspaceLimits;
  readonly #snapshots = new Map<string, readonly number[]>();
  #cell: CellAccess | null = null;
  #start: StartTree | null = null;
  /** Of snapshots, oldest first; the layer that commands write to is on top of them. */
  #below: readonly number[] = [];
  #top = -1;
  #made = 0;

  constructor(folder: string, door: string, user: CommandUser, limits: WorkspaceLimits) {
    this.#folder = folder;
    this.#door = door;
    this.#user = user;
    this.#limits = limits;
  }

  /** Before the container: it is of no concern to it. */
  async mountStore(): Promise<void> {
    const { workBytes, workFiles } = this.#limits;
    await runScript(
      `mkdir -m 0700 -- "$1"
       mount -t tmpfs -o "size=$2,nr_inodes=$3,mode=0700,nosuid,nodev" warroom "$1"`,
      [this.#store, String(workBytes), String(workFiles)],
    );
  }

  bind(cell: CellAccess): void {
    this.#cell = cell;
  }

  async fill(folder: string, signal: AbortSignal): Promise<void> {
    if (this.#start !== null) throw new TypeError('a workspace is filled once');
    signal.throwIfAborted();
    const { uid, gid } = this.#user;
    // `.git` may be shared with a mirror: it keeps its owner. So would a file that has another name elsewhere have to.
    const code = await runScript(
      `cd -- "$1"
       odd=$(find . -path ./.git -prune -o '(' ! -type f ! -type d ! -type l -o -type f -links +1 ')' -printf odd -quit)
       [ -z "$odd" ] || exit ${oddCode}
       chown -h "$2" .
       exec find . -mindepth 1 -maxdepth 1 ! -name .git -exec chown -hR "$2" {} +`,
      [folder, `${uid}:${gid}`],
      [oddCode],
    );
    if (code === oddCode) throw oddEntry('');
    signal.throwIfAborted();
    // A path could have signs that the options of a mount give a meaning to.
    symlinkSync(path.resolve(folder), this.#startLink);
    this.#start = new StartTree(folder);
    await this.#mountTop([], 'none');
  }

  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void> {
    return writeFiles(this.#access, files, this.#limits, signal);
  }

  async changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<WorkspaceChanges> {
    const start = this.#filled;
    await this.#access.freeze();
    try {
      const layers = [...this.#below, this.#top].map((layer) => this.#layer(layer));
      return await readOverlayChanges(start, { merged: this.#door, layers }, most, signal);
    } finally {
      await this.#access.thaw();
    }
  }

  /** Commands that still run would go on writing to what they have open, which is the snapshot's from now on: they end. */
  async snapshot(signal: AbortSignal): Promise<string> {
    void this.#filled;
    if (this.#snapshots.size >= snapshotsMost) {
      throw new WorkspaceTooLarge(
        `A sandbox has at most ${snapshotsMost} snapshots.`,
        'Go back to one of them, or open another sandbox.',
      );
    }
    signal.throwIfAborted();
    await this.#access.killCommands();
    const layers = [...this.#below, this.#top];
    await this.#mountTop(layers, 'push');
    const name = `s${this.#snapshots.size + 1}`;
    this.#snapshots.set(name, layers);
    return name;
  }

  async reset(snapshot: string | null, signal: AbortSignal): Promise<void> {
    void this.#filled;
    const layers = snapshot === null ? [] : this.#snapshots.get(snapshot);
    if (layers === undefined) throw new TypeError(`there is no snapshot ${String(snapshot)}`);
    signal.throwIfAborted();
    await this.#access.killCommands();
    await this.#mountTop(layers, 'drop');
  }

  /**
   * A fresh layer on top of these. What commands wrote to until now is kept (`push`), or removed before anything else is
   * made: they may have left no room for it.
   */
  async #mountTop(below: readonly number[], old: 'none' | 'push' | 'drop'): Promise<void> {
    this.#made += 1;
    const top = this.#layer(this.#made);
    const lower = [...below.map((layer) => this.#layer(layer)).reverse(), this.#startLink].join(':');
    const { uid, gid } = this.#user;
    // `.git` is hidden by what an overlay takes for a deleted file. Links of our own making are all that is followed.
    await runScript(
      `if [ "$6" = drop ]; then umount -l -- "$4"; rm -rf -- "$8" "$8.work"; fi
       mkdir -m 0700 -- "$1" "$2"
       chown "$3" -- "$1"
       chmod 0755 -- "$1"
       if [ -e "$5/.git" ] || [ -h "$5/.git" ]; then mknod -- "$1/.git" c 0 0; fi
       if [ "$6" = push ]; then umount -l -- "$4"; fi
       mount -t overlay -o "nosuid,nodev,lowerdir=$7,upperdir=$1,workdir=$2,index=off,redirect_dir=off,metacopy=off" warroom "$4"`,
      [top, `${top}.work`, `${uid}:${gid}`, this.#door, this.#startLink, old, lower, this.#layer(this.#top)],
    );
    this.#below = below;
    this.#top = this.#made;
  }

  #layer(layer: number): string {
    return path.join(this.#store, `u${layer}`);
  }

  get #store(): string {
    return path.join(this.#folder, 'store');
  }

  get #startLink(): string {
    return path.join(this.#folder, 'start');
  }

  get #access(): CellAccess {
    if (this.#cell === null) throw new TypeError('the workspace has no container yet');
    return this.#cell;
  }

  get #filled(): StartTree {
    if (this.#start === null) throw new TypeError('the workspace is not filled yet');
    return this.#start;
  }
}
