import { extract as createExtract, type Header } from 'tar-stream';
import { ChangeList, type TreeChanges } from './change-list.ts';
import { isInside, type RawPath } from './raw-path.ts';
import type { ReadPart } from './read-part.ts';
import { isExecutable, type StartTree } from './start-tree.ts';
import type { WorkspaceBounds } from './tar-cell.ts';
import { Turns } from './turns.ts';
import { tooMuchChanged, WorkspaceBroken } from './workspace-errors.ts';

type ExtractOptions = Parameters<typeof createExtract>[0] & { filenameEncoding: 'latin1' };

/** Header and padding of an entry, and the header and name of one with a long name. */
const entryBytes = 8 * 512;

/** Reads the tar of a workspace as it arrives, without ever writing any of it anywhere. */
export interface TarReader {
  /** @throws when it is more than the bounds allow or no tar at all; the rest need not be read then */
  add(chunk: Buffer): void;
  /** @throws like `add` */
  finish(): Promise<TreeChanges>;
}

/**
 * The archive was written inside, by a program of ours but as the commands' user: it is believed nothing. Its size is
 * bounded by what fits into a workspace, and an entry counts only under a plain path inside.
 */
export function createTarReader(
  start: StartTree,
  most: { files: number; bytes: number },
  limits: WorkspaceBounds,
  signal: AbortSignal,
): TarReader {
  const turns = new Turns(signal);
  const list = new ChangeList(start, most, { turns, comparedBytes: limits.workBytes });
  // Names are bytes; the library's own types do not know this option of it.
  const options: ExtractOptions = { filenameEncoding: 'latin1' };
  const extract = createExtract(options);
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  const seen = new Set<RawPath>();
  let left = limits.workBytes + limits.workFiles * entryBytes + 1024 * 1024;
  let failure: unknown = null;
  /** An archive without an end is finished before its last entry has been looked at. */
  let looking: Promise<void> = Promise.resolve();

  function fail(error: unknown): void {
    failure ??= error;
    reject(failure);
    extract.destroy();
  }

  async function look(header: Header, read: ReadPart): Promise<void> {
    const path = pathOf(header.name);
    if (path === '') return;
    if (path === null) {
      throw new WorkspaceBroken(
        'The workspace came back with a path that leads out of it.',
        'Nothing was brought out. The sandbox is not to be trusted any more: close it.',
      );
    }
    if (header.type === 'directory') return;
    seen.add(path);
    if (header.type === 'file') {
      const executable = isExecutable(header.mode ?? 0);
      await list.addFile(path, { size: header.size ?? 0, executable }, read);
    } else if (header.type === 'link') {
      await list.addName(path, pathOf(header.linkname ?? '') ?? '');
    } else if (header.type === 'symlink') {
      await list.addOther(path, 'link', header.linkname ?? '');
    } else {
      await list.addOther(path, 'other');
    }
  }

  /** Whatever is not read of an entry is passed over: the next one comes after it. */
  async function take(header: Header, content: AsyncIterator<Buffer>): Promise<void> {
    const read: ReadPart = async () => {
      const { done, value } = await content.next();
      return done === true ? null : value;
    };
    await look(header, read);
    while ((await read()) !== null) if (turns.isOver) await turns.next();
  }

  extract.on('entry', (header, stream, next) => {
    stream.on('error', fail);
    looking = take(header, stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>).then(() => next(), fail);
  });
  extract.on('error', (error: unknown) => fail(asBroken(error)));
  extract.on('finish', resolve);

  return {
    add(chunk) {
      if (failure !== null) throw failure;
      left -= chunk.length;
      if (left < 0) fail(tooMuchChanged(most));
      else extract.write(chunk);
      if (failure !== null) throw failure;
    },
    async finish() {
      if (failure === null) extract.end(null);
      await ended;
      await looking;
      if (failure !== null) throw failure;
      for await (const path of start.contentsOf('', turns)) if (!seen.has(path)) await list.addMissing(path);
      return list.finish();
    },
  };
}

/** Empty for the workspace itself, null for one that leads out. */
function pathOf(name: string): RawPath | null {
  const path = name.replace(/^\.\//, '').replace(/\/$/, '');
  if (path === '' || path === '.') return '';
  return isInside(path) ? path : null;
}

function asBroken(cause: unknown): WorkspaceBroken {
  return new WorkspaceBroken(
    'The workspace did not come back whole.',
    'Try again; when it stays so, close the sandbox.',
    { cause },
  );
}
