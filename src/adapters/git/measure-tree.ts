import type { Service } from '../../domain/service.ts';
import { WorkspaceTooLarge } from '../../platform/workspace/workspace-errors.ts';
import type { Mirrors } from './mirrors.ts';

export interface TreeBounds {
  /** Files, links and folders. */
  readonly files: number;
  readonly bytes: number;
}

/** Of the names of all files together: folders in folders have names of any length. */
const listingBytes = 32 * 1024 ** 2;

/**
 * Whether the files of a commit may be written anywhere. Trees name the same tree again and again, so that a repository of
 * some kilobytes has files without end: they are counted before any of them is made, and no further than to the bounds.
 * @returns git's code when it could not say
 * @throws WorkspaceTooLarge
 */
export async function measureTree(
  mirrors: Mirrors,
  service: Service,
  sha: string,
  most: TreeBounds,
  signal: AbortSignal,
): Promise<{ code: number; stderr: string }> {
  const counter = createCounter(most);
  const args = ['ls-tree', '-r', '-t', '-l', '-z', '--full-tree', `${sha}^{commit}`];
  const done = await mirrors.run(service, args, { signal, onOutput: counter.add });
  if (done.cut) throw tooLarge(service, sha, most);
  return done;
}

/** Entries are `mode type object size TAB path NUL`; a size is `-` where there is none. */
function createCounter(most: TreeBounds): { add: (chunk: Buffer) => boolean } {
  let files = 0;
  let bytes = 0;
  let left = listingBytes;
  let head = '';
  let isInPath = false;
  return {
    add(chunk) {
      left -= chunk.length;
      if (left < 0) return false;
      for (let at = 0; at < chunk.length; ) {
        const end = chunk.indexOf(isInPath ? 0 : 9, at);
        if (!isInPath) head += chunk.toString('latin1', at, end === -1 ? undefined : end);
        if (end === -1) break;
        if (!isInPath) {
          files += 1;
          bytes += Number(/ (\d+)$/.exec(head)?.[1] ?? 0);
          head = '';
          if (files > most.files || bytes > most.bytes) return false;
        }
        isInPath = !isInPath;
        at = end + 1;
      }
      return true;
    },
  };
}

function tooLarge(service: Service, sha: string, { files, bytes }: TreeBounds): WorkspaceTooLarge {
  return new WorkspaceTooLarge(
    `${service.repository.slug} at ${sha.slice(0, 7)} has more than ${files} files or ${Math.round(bytes / 1024 ** 2)} MB, so it is not checked out.`,
    'Leave generated and large files out of the repository.',
  );
}
