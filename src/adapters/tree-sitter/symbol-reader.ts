import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Language, type Node, Parser, type TreeCursor } from 'web-tree-sitter';
import type { DeclaredSymbol, SymbolKind, SymbolReader, SymbolUse } from '../../ports/symbol-reader.ts';
import { type Grammar, grammarOf } from './grammars.ts';

const fileChars = 400_000;
/** On a busy machine; an idle one needs a tenth of it for the largest file. */
const parseTimeoutMs = 2_000;
/** Deeper than anybody writes; some steps of a cursor cost as much as it is deep. */
const mostDepth = 500;
/** A clock is asked every so many nodes. */
const nodesBetweenLooks = 256;
const lineChars = 300;
const functionNode = /function|arrow|lambda|class/;
/** Leaves that are text for people, not names. */
const notNames = /string|comment|text|content|fragment|regex|literal|heredoc/;

/** Code read by tree-sitter's grammars, as WebAssembly: no native code, and each grammar loaded when it is first needed. */
export function createSymbolReader(): SymbolReader {
  const folder = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm/package.json'));
  const languages = new Map<string, Promise<Language>>();
  let ready: Promise<void> | undefined;

  async function languageOf(grammar: Grammar): Promise<Language> {
    ready ??= Parser.init();
    await ready;
    const known = languages.get(grammar.wasm) ?? Language.load(join(folder, 'wasm', grammar.wasm));
    languages.set(grammar.wasm, known);
    return known;
  }

  return {
    reads: (path) => grammarOf(path) !== undefined,
    async find({ path, text }, name, signal) {
      const grammar = grammarOf(path);
      signal.throwIfAborted();
      if (grammar === undefined || text.length > fileChars) return null;
      const language = await languageOf(grammar);
      // Parsing does not yield: others get their turn between files.
      await turn();
      signal.throwIfAborted();
      const parser = new Parser();
      try {
        parser.setLanguage(language);
        const until = performance.now() + parseTimeoutMs;
        const tree = parser.parse(text, null, { progressCallback: () => performance.now() > until });
        if (tree === null) return null;
        try {
          return collect(tree.walk(), grammar, name, text.split('\n'), until);
        } finally {
          tree.delete();
        }
      } finally {
        parser.delete();
      }
    },
  };
}

interface Around {
  readonly depth: number;
  readonly name: string;
  readonly kind: SymbolKind;
}

/**
 * One pass over the tree, without recursion: code may nest deeper than our stack. Null where it nests deeper than anybody
 * writes, or at the deadline.
 * @param until by `performance.now()`, in ms
 */
function collect(
  cursor: TreeCursor,
  { declares }: Grammar,
  name: string,
  lines: readonly string[],
  until: number,
): { declared: DeclaredSymbol[]; uses: SymbolUse[] } | null {
  const declared: DeclaredSymbol[] = [];
  const found = new Map<number, SymbolUse>();
  const around: Around[] = [];
  let depth = 0;
  for (let nodes = 0; ; nodes += 1) {
    if (depth > mostDepth || (nodes % nodesBetweenLooks === 0 && performance.now() > until)) {
      cursor.delete();
      return null;
    }
    const type = cursor.nodeType;
    const kind = Object.hasOwn(declares, type) && cursor.nodeIsNamed ? declares[type] : undefined;
    if (kind !== undefined) {
      const node = cursor.currentNode;
      const inFunction = around.some((one) => one.kind === 'function' || one.kind === 'method');
      const symbol = nameOf(node, kind, inFunction);
      if (symbol !== null) {
        if (symbol.name === name)
          declared.push({
            ...symbol,
            line: node.startPosition.row + 1,
            endLine: node.endPosition.row + 1,
            within: around.at(-1)?.name ?? null,
          });
        around.push({ depth, ...symbol });
      }
    }
    if (
      cursor.endIndex - cursor.startIndex === name.length &&
      isName(cursor, type) &&
      cursor.nodeText === name
    ) {
      const line = cursor.startPosition.row + 1;
      if (!found.has(line))
        found.set(line, {
          line,
          text: (lines[line - 1] ?? '').trim().slice(0, lineChars),
          within: around.findLast((one) => one.name !== name)?.name ?? null,
        });
    }
    if (cursor.gotoFirstChild()) {
      depth += 1;
      continue;
    }
    for (;;) {
      if ((around.at(-1)?.depth ?? -1) === depth) around.pop();
      if (cursor.gotoNextSibling()) break;
      if (!cursor.gotoParent()) {
        cursor.delete();
        const own = new Set(declared.map((one) => one.line));
        return { declared, uses: [...found.values()].filter((one) => !own.has(one.line)) };
      }
      depth -= 1;
    }
  }
}

function isName(cursor: TreeCursor, type: string): boolean {
  return cursor.nodeIsNamed && !notNames.test(type) && isLeaf(cursor);
}

function isLeaf(cursor: TreeCursor): boolean {
  if (!cursor.gotoFirstChild()) return true;
  cursor.gotoParent();
  return false;
}

/** What a node declares; null where it declares nothing that others could name. */
function nameOf(
  node: Node,
  kind: SymbolKind,
  inFunction: boolean,
): { name: string; kind: SymbolKind } | null {
  if (node.type === 'assignment_expression' || node.type === 'pair' || kind === 'value') {
    const value = node.childForFieldName('right') ?? node.childForFieldName('value');
    const isFunction = value !== null && functionNode.test(value.type);
    if (!isFunction && (inFunction || node.type === 'assignment_expression' || node.type === 'pair'))
      return null;
    const named =
      node.childForFieldName('name') ?? node.childForFieldName('left') ?? node.childForFieldName('key');
    const own = named?.childForFieldName('property') ?? named;
    return own == null ? null : { name: own.text, kind: isFunction ? 'function' : kind };
  }
  let named = node.childForFieldName('name') ?? node.childForFieldName('declarator');
  // C wraps the name of a function into pointers, arguments and brackets, and Java that of a field into its declarator.
  for (
    let inner = named;
    inner !== null;
    inner = inner.childForFieldName('declarator') ?? inner.childForFieldName('name')
  )
    named = inner;
  return named === null ? null : { name: named.text, kind };
}
