import { lstatSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { StartTree } from '../../../../platform/workspace/start-tree.ts';
import { WorkspaceTooLarge } from '../../../../platform/workspace/workspace-errors.ts';
import { writeFiles } from '../../../../platform/workspace/write-files.ts';
import type { WorkspaceChanges, WorkspaceFile } from '../../../../ports/sandbox.ts';
import { writeUser } from '../users.ts';
import { handOverTree } from './hand-over-tree.ts';
import { mountOverlay, runScript } from './mounts.ts';
import { readOverlayChanges } from './overlay-changes.ts';
import type { CellAccess, CommandUser, Workspace, WorkspaceLimits } from './workspace.ts';

/** Each is a layer that every look-up may have to go through. */
const snapshotsMost = 16;

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

  /** Before the container, so that nobody waits for it: the store and the layer that commands will write to first. */
  async mountStore(): Promise<void> {
    const { workBytes, workFiles } = this.#limits;
    this.#made += 1;
    await runScript(
      `mkdir -m 0700 -- "$1"
       mount -t tmpfs -o "size=$2,nr_inodes=$3,mode=0700,nosuid,nodev" warroom "$1"
       ${makeLayer('"$4"', '"$5"', hideGit)}`,
      [this.#store, String(workBytes), String(workFiles), this.#layer(this.#made), writeUser(this.#user)],
    );
  }

  bind(cell: CellAccess): void {
    this.#cell = cell;
  }

  async fill(folder: string, signal: AbortSignal): Promise<void> {
    if (this.#start !== null) throw new TypeError('a workspace is filled once');
    signal.throwIfAborted();
    await handOverTree(folder, this.#user);
    signal.throwIfAborted();
    // A path could have signs that the options of a mount give a meaning to.
    symlinkSync(path.resolve(folder), this.#startLink);
    this.#start = new StartTree(folder);
    const hasGit = lstatSync(path.join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
    if (!hasGit) rmSync(path.join(this.#layer(this.#made), '.git'));
    await mountOverlay(this.#mountOptions([]), this.#door);
    this.#top = this.#made;
  }

  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void> {
    return writeFiles(this.#access, files, this.#limits, signal);
  }

  async changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<WorkspaceChanges> {
    const start = this.#filled;
    await this.#access.freeze();
    try {
      const layers = [...this.#below, this.#top].map((layer) => this.#layer(layer));
      const where = { merged: this.#door, layers };
      return await readOverlayChanges(start, where, most, signal, this.#limits.workBytes);
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
  async #mountTop(below: readonly number[], old: 'push' | 'drop'): Promise<void> {
    this.#made += 1;
    await runScript(
      `if [ "$5" = drop ]; then umount -l -- "$3"; rm -rf -- "$7" "$7.work"; fi
       ${makeLayer('"$1"', '"$2"', `if [ -e "$4/.git" ] || [ -h "$4/.git" ]; then ${hideGit}; fi`)}
       if [ "$5" = push ]; then umount -l -- "$3"; fi
       mount -i -t overlay -o "$6" warroom "$3"`,
      [
        this.#layer(this.#made),
        writeUser(this.#user),
        this.#door,
        this.#startLink,
        old,
        this.#mountOptions(below),
        this.#layer(this.#top),
      ],
    );
    this.#below = below;
    this.#top = this.#made;
  }

  /** Links of our own making are all that is followed. */
  #mountOptions(below: readonly number[]): string {
    const top = this.#layer(this.#made);
    const lower = [...below.map((layer) => this.#layer(layer)).reverse(), this.#startLink].join(':');
    return `nosuid,nodev,lowerdir=${lower},upperdir=${top},workdir=${top}.work,index=off,redirect_dir=off,metacopy=off`;
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

/** What an overlay takes for a deleted file. */
const hideGit = 'mknod -- "$layer/.git" c 0 0';

/** Shell text that makes an empty layer with room to work beside it. */
function makeLayer(place: string, user: string, andThen: string): string {
  return `layer=${place}
    mkdir -m 0700 -- "$layer" "$layer.work"
    chown ${user} -- "$layer"
    chmod 0755 -- "$layer"
    ${andThen}`;
}
