import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import type { TreeChanges } from './change-list.ts';
import { listFolder, packFolder } from './pack-folder.ts';
import { StartTree } from './start-tree.ts';
import type { TarCell, WorkspaceBounds, WorkspaceFile } from './tar-cell.ts';
import { createTarReader } from './tar-reader.ts';
import { tooMuchForSandbox, WorkspaceBroken, WorkspaceTooLarge } from './workspace-errors.ts';
import { emptyFolders, unpack, workFolder, writeFiles } from './write-files.ts';

const snapshotsMost = 16;
/** All snapshots of one sandbox together, in workspaces. */
const snapshotWorkspaces = 3;

/** Of tar, when a file changed while it was read, and of a small tar also when it could not read all. */
const partCode = 1;

/** One sandbox's tmpfs, whose content comes and goes through commands of ours inside. */
export class TarWorkspace {
  readonly #cell: TarCell;
  readonly #limits: WorkspaceBounds;
  readonly #makeFolder: () => string;
  readonly #snapshots = new Map<string, string>();
  #snapshotBytes = 0;
  #folder: string | null = null;
  #start: StartTree | null = null;

  /** @param makeFolder for snapshots; called when there is one to keep */
  constructor(cell: TarCell, limits: WorkspaceBounds, makeFolder: () => string) {
    this.#cell = cell;
    this.#limits = limits;
    this.#makeFolder = makeFolder;
  }

  async fill(folder: string, signal: AbortSignal): Promise<void> {
    if (this.#start !== null) throw new TypeError('a workspace is filled once');
    await this.#unpackFolder(folder, signal);
    this.#folder = folder;
    this.#start = new StartTree(folder);
  }

  write(files: readonly WorkspaceFile[], signal: AbortSignal): Promise<void> {
    return writeFiles(this.#cell, files, this.#limits, signal);
  }

  async changes(most: { files: number; bytes: number }, signal: AbortSignal): Promise<TreeChanges> {
    const start = this.#filled;
    return this.#pack(signal, (stop) => {
      const reader = createTarReader(start, most, this.#limits, signal);
      return {
        add: (chunk) => {
          try {
            reader.add(chunk);
          } catch (error) {
            stop(error);
          }
        },
        finish: () => reader.finish(),
      };
    });
  }

  async snapshot(signal: AbortSignal): Promise<string> {
    void this.#filled;
    if (this.#snapshots.size >= snapshotsMost) throw tooManySnapshots();
    const name = `s${this.#snapshots.size + 1}`;
    const file = path.join(this.#makeFolder(), `${name}.tar`);
    const most = snapshotWorkspaces * this.#limits.workBytes - this.#snapshotBytes;
    let bytes = 0;
    try {
      await this.#pack(signal, (stop) => {
        const target = createWriteStream(file, { mode: 0o600, flags: 'wx' });
        const written = finished(target);
        written.catch((error: unknown) => stop(error));
        return {
          add: (chunk) => {
            bytes += chunk.length;
            if (bytes > most) stop(tooManySnapshots());
            else target.write(chunk);
          },
          finish: () => {
            target.end();
            return written;
          },
          drop: () => target.destroy(),
        };
      });
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    this.#snapshotBytes += bytes;
    this.#snapshots.set(name, file);
    return name;
  }

  async reset(snapshot: string | null, signal: AbortSignal): Promise<void> {
    void this.#filled;
    const file = snapshot === null ? null : this.#snapshots.get(snapshot);
    if (file === undefined) throw new TypeError(`there is no snapshot ${String(snapshot)}`);
    signal.throwIfAborted();
    await this.#cell.killCommands();
    await emptyFolders(this.#cell, [workFolder, '/tmp'], signal);
    if (file === null) {
      await this.#unpackFolder(this.#folder ?? '', signal);
      return;
    }
    await this.#unpack((input) => pipeline(createReadStream(file), input, { signal }), signal);
  }

  async #unpackFolder(folder: string, signal: AbortSignal): Promise<void> {
    const { workFiles, workBytes } = this.#limits;
    const paths = await listFolder(folder, { files: workFiles, bytes: workBytes }, signal);
    if (paths.length === 0) return;
    await this.#unpack((input) => packFolder(folder, paths, input, signal), signal);
  }

  async #unpack(
    writeInput: (input: NodeJS.WritableStream) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { exitCode, errors } = await this.#cell.exec({ argv: unpack, writeInput }, signal);
    signal.throwIfAborted();
    if (exitCode !== 0) throw tooMuchForSandbox(new Error(errors.trim()));
  }

  /** Everything in the workspace as a tar, to what `open` makes; again when some of it could not be read at first. */
  async #pack<T>(
    signal: AbortSignal,
    open: (stop: (reason: unknown) => void) => {
      add: (chunk: Buffer) => void;
      finish: () => Promise<T>;
      drop?: () => void;
    },
  ): Promise<T> {
    for (const unlock of [false, true]) {
      const enough = new AbortController();
      const sink = open((reason) => enough.abort(reason));
      const both = AbortSignal.any([signal, enough.signal]);
      try {
        const argv = ['/bin/sh', '-c', packScript, 'sh', workFolder, unlock ? 'unlock' : ''];
        const { exitCode, errors } = await this.#cell.exec({ argv, onOutput: sink.add }, both);
        both.throwIfAborted();
        if (exitCode === 0 || (exitCode === partCode && unlock)) return await sink.finish();
        if (unlock) throw unreadable(errors);
      } catch (error) {
        sink.drop?.();
        enough.signal.throwIfAborted();
        throw error;
      }
      sink.drop?.();
    }
    throw unreadable('');
  }

  get #filled(): StartTree {
    if (this.#start === null) throw new TypeError('the workspace is not filled yet');
    return this.#start;
  }
}

const packScript = `
  if [ -n "$2" ]; then find "$1" -mindepth 1 -maxdepth 1 ! -type l -exec chmod -R u+rwX {} + 2>/dev/null; fi
  exec tar -c -f - -C "$1" .`;

function tooManySnapshots(): WorkspaceTooLarge {
  return new WorkspaceTooLarge(
    `A sandbox has at most ${snapshotsMost} snapshots, and of ${snapshotWorkspaces} workspaces altogether.`,
    'Go back to one of them, or open another sandbox.',
  );
}

function unreadable(errors: string): WorkspaceBroken {
  return new WorkspaceBroken(
    'The workspace could not be read.',
    'Something in it cannot be read even by its owner; reset the sandbox.',
    { cause: new Error(errors.trim()) },
  );
}
