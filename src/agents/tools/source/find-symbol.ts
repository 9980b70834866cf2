import { z } from 'zod';
import type { SymbolReader } from '../../../ports/symbol-reader.ts';
import { findSymbols } from '../../context/find-symbols.ts';
import { defineTool, nothing } from '../tool.ts';
import { openSource, plainPath, repositoryPath, sourcePlace } from './place.ts';

const hitsRead = 2_000;
const filesRead = 60;
const fileBytes = 400_000;
const shownUses = 60;
/** For all files of one call together; what is left then is read by words. */
const grammarMs = 10_000;

interface Found {
  readonly declared: readonly {
    place: string;
    kind: string;
    name: string;
    within: string | null;
    text: string;
  }[];
  readonly uses: readonly { place: string; within: string | null; text: string }[];
}

export const findSymbolTool = defineTool({
  name: 'find_symbol',
  description:
    'Where a function, method, class, type or top-level value of a service is declared, and where its name is used, with the function around each use. Comments and texts do not count where the language is known (JavaScript, TypeScript, Python, Go, Java, Ruby, Rust, PHP, C#, C, C++, shell).',
  input: z.object({
    ...sourcePlace,
    name: z
      .string()
      .regex(/^[\p{L}_$][\p{L}\p{N}_$]{0,119}[!?]?$/u, 'must be one identifier, without what it belongs to'),
    under: repositoryPath.default('').describe('A folder or file; empty for all.'),
  }),
  async run(context, { name, under, ...place }, signal) {
    const { service, at, source } = await openSource(context, place, signal);
    const { symbols } = context.desk.sources;
    const folder = plainPath(under);
    const hits = await source.search(service, { at, text: name, under: folder, limit: hitsRead }, signal);
    const query = `git grep -F ${JSON.stringify(name)} ${at.slice(0, 10)} ${folder}`.trim();
    const title = `Symbol ${name}`;
    if (hits.length === 0)
      return [
        nothing(
          'change',
          service.name,
          title,
          'No line has this name; search_source can look in any case.',
          query,
        ),
      ];
    const declared: Found['declared'][number][] = [];
    const uses: Found['uses'][number][] = [];
    const byWords = new Set<string>();
    const paths = [...new Set(hits.map((hit) => hit.path))];
    let spentMs = 0;
    for (const path of paths.slice(0, filesRead)) {
      signal.throwIfAborted();
      const lines = hits.filter((hit) => hit.path === path);
      const text =
        spentMs < grammarMs && symbols?.reads(path) === true
          ? await source.read(service, at, path, fileBytes, signal)
          : undefined;
      const startedMs = performance.now();
      const found = (await byGrammar(symbols, path, text, name, signal)) ?? byLines(path, lines, name);
      spentMs += performance.now() - startedMs;
      if (found.words) byWords.add(path);
      declared.push(...found.declared);
      uses.push(...found.uses);
    }
    const limits = [
      paths.length > filesRead ? `only the first ${filesRead} of ${paths.length} files were read` : [],
      byWords.size > 0 ? `${byWords.size} files were read by words alone, comments included` : [],
    ].flat();
    const said = declared.map((one) => `${one.kind} at ${one.place}`).slice(0, 3);
    return [
      {
        kind: 'change',
        service: service.name,
        title,
        summary: `${said.length === 0 ? 'Its declaration was not found' : `Declared as ${said.join(', ')}`}; used in ${uses.length} lines${limits.length === 0 ? '' : ` (${limits.join('; ')})`}.`,
        query,
        data: { declared: declared.slice(0, 30), uses: uses.slice(0, shownUses) },
        empty: declared.length === 0 && uses.length === 0,
        ...(uses.length > shownUses
          ? {
              output: uses
                .map((use) => `${use.place} in ${use.within ?? 'the file'}: ${use.text}`)
                .join('\n'),
            }
          : {}),
      },
    ];
  },
});

async function byGrammar(
  symbols: SymbolReader | undefined,
  path: string,
  text: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<(Found & { words: boolean }) | null> {
  if (symbols === undefined || text === undefined) return null;
  const found = await symbols.find({ path, text }, name, signal);
  if (found === null) return null;
  const lines = text.split('\n');
  return {
    words: false,
    declared: found.declared.map(({ kind, line, endLine, within }) => ({
      place: `${path}:${line}${endLine === line ? '' : `–${endLine}`}`,
      kind,
      name,
      within,
      text: (lines[line - 1] ?? '').trim().slice(0, 300),
    })),
    uses: found.uses.map(({ line, within, text: said }) => ({
      place: `${path}:${line}`,
      within,
      text: said,
    })),
  };
}

/** In languages without a grammar at hand: whole words, and what looks like a declaration at the left margin. */
function byLines(
  path: string,
  lines: readonly { line: number; text: string }[],
  name: string,
): Found & { words: boolean } {
  const word = new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replace(/[$?!]/g, '\\$&')}(?![\\p{L}\\p{N}_$])`, 'u');
  const whole = lines.filter(({ text }) => word.test(text));
  const isDeclared = ({ text }: { text: string }): boolean =>
    findSymbols(text).some((one) => one.name === name);
  return {
    words: true,
    declared: whole.filter(isDeclared).map(({ line, text }) => ({
      place: `${path}:${line}`,
      kind: 'declaration',
      name,
      within: null,
      text: text.trim().slice(0, 300),
    })),
    uses: whole
      .filter((one) => !isDeclared(one))
      .map(({ line, text }) => ({ place: `${path}:${line}`, within: null, text: text.trim().slice(0, 300) })),
  };
}
