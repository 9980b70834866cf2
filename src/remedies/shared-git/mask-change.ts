import type { Service } from '../../domain/service.ts';
import { maskForms } from '../../platform/mask-credentials.ts';
import { maskDiff } from '../../platform/mask-secrets.ts';
import type { SourceControl } from '../../ports/source-control.ts';
import { readSettings, type Settings } from '../config-rollback/read-settings.ts';
import type { ShownChange } from './apply-change.ts';

export const maskedNote = 'Values that look like credentials are masked; the digest covers the real ones.';

const configuration =
  /\.(?:env|json5?|jsonc|ya?ml|toml|ini|properties|props|conf|config|cfg|cnf|tfvars|hcl|plist|xml)$|(?:^|\/)\.env(?:\.|$)|(?:^|\/)(?:\.npmrc|\.netrc|\.pgpass|\.pypirc|[^/]*\.env\.[^/]*|credentials|secrets?)$/i;
const fileMaxBytes = 512 * 1024;

/**
 * The diff of a change as it may be shown: configuration without the values of secret names, everything else without what
 * is a credential by its form. Lines keep their sign and place; what is written stays pinned by its digest.
 */
export async function maskChange<Change extends ShownChange>(
  source: SourceControl,
  service: Service,
  base: string,
  change: Change,
  signal: AbortSignal,
): Promise<Change> {
  const parts = change.diff.split(/^(?=diff --git )/m);
  const shown: string[] = [];
  for (const part of parts) {
    // a path that no change has was spelled by git in its own way: rather too much is masked then
    const path = pathOf(part, change);
    const settings = path !== null && !configuration.test(path) ? null : path;
    if (path !== null && settings === null) shown.push(maskCode(part));
    else
      shown.push(maskCode(maskDiff(part, await readVersions(source, service, base, change, path, signal))));
  }
  return { ...change, diff: shown.join('') };
}

/** What is to be said when the diff is not shown as it is. */
export function noteMasked(real: ShownChange, shown: ShownChange): string[] {
  return real.diff === shown.diff ? [] : [maskedNote];
}

function pathOf(part: string, { changes }: ShownChange): string | null {
  const head = part.slice(0, part.indexOf('\n'));
  const named = changes.map((one) => one.path).filter((path) => head.endsWith(` b/${path}`));
  return named.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** Settings before and after, so that a secret is known wherever the diff repeats it. */
async function readVersions(
  source: SourceControl,
  service: Service,
  base: string,
  { changes }: ShownChange,
  path: string | null,
  signal: AbortSignal,
): Promise<Settings[]> {
  if (path === null) return [];
  const content = changes.find((one) => one.path === path)?.content ?? null;
  const texts = [
    await source.read(service, base, path, fileMaxBytes, signal),
    content === null || content.length > fileMaxBytes ? null : new TextDecoder().decode(content),
  ];
  return texts.flatMap((text) => {
    const read = text == null ? null : readSettings(path, text);
    return read?.kind === 'settings' ? [read.settings] : [];
  });
}

/** Line by line, so that nothing can hide the lines after it; the body of a private key is told by its letters. */
function maskCode(part: string): string {
  let inKey = false;
  let inHunk = false;
  return part
    .split('\n')
    .map((line) => {
      // within a hunk `------BEGIN …` is a line that goes, and no header
      if (line.startsWith('@@')) [inHunk, inKey] = [true, false];
      if (!inHunk) return line;
      const [, sign = '', body = ''] = /^([ +-]?)(.*)$/s.exec(line) ?? [];
      if (inKey && /^\s*["']?[A-Za-z0-9+/=]{16,}(?:\\n)?["',+\s\\]*$/.test(body))
        return `${sign}[private key]`;
      if (inKey) inKey = /^[\s\w-]+:/.test(body) || body.trim() === '';
      if (/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----|\[private key\]/.test(body)) inKey = true;
      return `${sign}${maskForms(body)}`;
    })
    .join('\n');
}
