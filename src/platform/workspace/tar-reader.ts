import { extract as createExtract, type Header } from 'tar-stream';
import { ChangeList, type TreeChanges } from './change-list.ts';
import { isInside, type RawPath } from './raw-path.ts';
import { isExecutable, type StartTree } from './start-tree.ts';
import type { WorkspaceBounds } from './tar-cell.ts';
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
): TarReader {
  const list = new ChangeList(start, most);
  // Names are bytes; the library's own types do not know this option of it.
  const options: ExtractOptions = { filenameEncoding: 'latin1' };
  const extract = createExtract(options);
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined);
  const seen = new Set<RawPath>();
  let left = limits.workBytes + limits.workFiles * entryBytes + 1024 * 1024;
  let failure: unknown = null;

  function fail(error: unknown): void {
    failure ??= error;
    reject(failure);
    extract.destroy();
  }

  function look(header: Header, content: Buffer): void {
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
      list.addFile(path, { size: content.length, executable }, () => content);
    } else if (header.type === 'link') {
      list.addName(path, pathOf(header.linkname ?? '') ?? '');
    } else if (header.type === 'symlink') {
      list.addOther(path, 'link', header.linkname ?? '');
    } else {
      list.addOther(path, 'other');
    }
  }

  extract.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    stream.on('error', fail);
    stream.on('end', () => {
      if (failure !== null) return;
      try {
        look(header, Buffer.concat(chunks));
        next();
      } catch (error) {
        fail(error);
      }
    });
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
      for (const path of start.contentsOf('')) if (!seen.has(path)) list.addMissing(path);
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
