import { hasSqlDetails, loadModule, type Node, parseSync, type RawStmt } from 'libpg-query';

// The parser is PostgreSQL's own, compiled to WebAssembly; loading it takes milliseconds and is done once.
await loadModule();

/** Longer ones are not for a card, and parsing is not for free. */
const maxStatementChars = 100_000;

export type Parsed = { readonly statements: readonly Node[] } | { readonly fault: string };

/** @returns the statements as PostgreSQL's grammar reads them, or what it says is wrong; the statement is not run */
export function parseStatements(text: string): Parsed {
  if (text.length > maxStatementChars) return { fault: 'the statement is too long' };
  // The parser would stop there and never see the rest.
  if (text.includes('\0')) return { fault: 'the statement holds a NUL byte' };
  try {
    const raw: readonly RawStmt[] = parseSync(text).stmts ?? [];
    return { statements: raw.flatMap((one) => one.stmt ?? []) };
  } catch (error) {
    if (hasSqlDetails(error)) return { fault: error.sqlDetails?.message ?? error.message };
    return { fault: 'the statement cannot be parsed' };
  }
}

/** A node of the syntax tree with the name of its type: the tree spells every node as `{ Type: fields }`. */
export interface TreeNode {
  readonly type: string;
  readonly fields: { readonly [name: string]: unknown };
}

/** Every node below `value` and itself, outermost first, also in places that this code knows nothing of. */
export function* walkTree(value: unknown): Generator<TreeNode> {
  if (Array.isArray(value)) {
    for (const one of value) yield* walkTree(one);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (/^[A-Z]/.test(name) && isFields(inner)) yield { type: name, fields: inner };
    yield* walkTree(inner);
  }
}

function isFields(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
