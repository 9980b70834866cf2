import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { SwitchedOff } from './guard.ts';
import { guardOf } from './guard-of.ts';

const root = new URL('../../', import.meta.url).pathname;
const known = new Map<string, SwitchedOff>();
let registered = false;

/**
 * From now on `import('x.ts?guard=NAME')` loads x and everything of this project that it imports once more, with one guard
 * switched off in their source: a second program beside the first, in one process. No product code knows of it.
 */
export function registerGuards(guards: readonly SwitchedOff[]): void {
  for (const guard of guards) known.set(guard.name, guard);
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const guard = context.parentURL === undefined ? null : guardName(context.parentURL);
      if (guard === null || !isOurs(resolved.url)) return resolved;
      const url = new URL(resolved.url);
      url.searchParams.set('guard', guard);
      return { ...resolved, url: url.href };
    },
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const guard = guardName(url);
      if (guard === null || !isOurs(url)) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString();
      return { ...loaded, source: withoutGuard(guard, fileURLToPath(url).slice(root.length), source) };
    },
  });
}

function withoutGuard(name: string, file: string, source: string): string {
  const guard = known.get(name);
  let changed = source;
  for (const edit of guard?.off ?? []) {
    if (edit.file !== file) continue;
    const before = changed;
    changed = 'wrap' in edit ? wrap(changed, edit.wrap, edit.by) : changed.replace(edit.find, edit.put);
    // A guard that is not where it was is not proven by leaving the rest in place.
    if (changed === before) throw new Error(`${file}: nothing to switch off for ${name}`);
  }
  return changed;
}

/** The exported function of this name is replaced by what `by` makes of it. */
function wrap(source: string, name: string, by: string): string {
  const declared = new RegExp(`export (async )?function ${name}\\b`);
  if (!declared.test(source)) return source;
  const guarded = source.replace(declared, `$1function ${name}Guarded`);
  return `${guarded}\nexport function ${name}(...given) { return (${by})(${name}Guarded)(...given); }\n`;
}

function isOurs(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && new URL(url).pathname.startsWith(root);
}

function guardName(url: string): string | null {
  return url.startsWith('file:') ? guardOf(url) : null;
}
