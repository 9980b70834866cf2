import type { Service } from '../../domain/service.ts';
import { maskDiff } from '../../platform/mask-secrets.ts';
import type { SourceControl } from '../../ports/source-control.ts';
import type { ShownChange } from '../shared-git/apply-change.ts';
import { short } from '../shared-git/git-tools.ts';
import { readSettings, type SettingsRead } from './read-settings.ts';

const fileMaxBytes = 512 * 1024;

export interface ComputedRollback extends ShownChange {
  readonly now: SettingsRead;
  readonly after: SettingsRead;
}

/** What restoring the file changes on `base`, as it may be shown; or why it is not to be had. */
export async function computeRollback(
  source: SourceControl,
  service: Service,
  query: { readonly base: string; readonly path: string; readonly from: string },
  signal: AbortSignal,
): Promise<ComputedRollback | string> {
  const { base, path, from } = query;
  const outcome = await source.restore(service, query, signal);
  switch (outcome.kind) {
    case 'refused':
      return `it cannot be restored: ${outcome.reason}.`;
    case 'no-change':
      return `${path} has not changed since ${short(from)}: it is what it was.`;
    case 'clean': {
      const [restored] = outcome.changes;
      const text = restored?.content == null ? null : readText(restored.content);
      if (text === null) return `${path} at ${short(from)} is no text of at most ${fileMaxBytes / 1024} KiB.`;
      const after = readSettings(path, text);
      if (after.kind === 'unreadable') {
        return `${path} at ${short(from)} cannot be read by its format: ${after.reason}. A service would not start with it.`;
      }
      const now = readSettings(path, (await source.read(service, base, path, fileMaxBytes, signal)) ?? '');
      const versions = [now, after].flatMap((read) => (read.kind === 'settings' ? [read.settings] : []));
      return { diff: maskDiff(outcome.diff, versions), changes: outcome.changes, now, after };
    }
    default:
      return outcome satisfies never;
  }
}

/** Null when it is too large, or no UTF-8. */
export function readText(content: Uint8Array): string | null {
  if (content.length > fileMaxBytes) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}
