export interface StackFrame {
  /** As the trace names it: a path, or a class file. */
  readonly file: string;
  readonly function: string | null;
  readonly line: number | null;
}

const patterns: readonly { find: RegExp; order: readonly ('function' | 'file' | 'line')[] }[] = [
  {
    find: /^\s*at (?:async )?(?:new )?([^\s(]+(?: \[as [^\]]+\])?) \((?:file:\/\/)?([^()]+?):(\d+)(?::\d+)?\)/,
    order: ['function', 'file', 'line'],
  },
  {
    find: /^\s*at (?:async )?(?:file:\/\/)?((?:\/|\.|[A-Za-z]:)[^()]*?):(\d+)(?::\d+)?$/,
    order: ['file', 'line'],
  },
  { find: /^\s*File "([^"]+)", line (\d+), in (\S+)/, order: ['file', 'line', 'function'] },
  {
    find: /^\s*at ([\w.$<>]+)\(([\w$]+\.(?:java|kt|scala|groovy)):(\d+)\)/,
    order: ['function', 'file', 'line'],
  },
  { find: /^\s+(\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?$/, order: ['file', 'line'] },
  { find: /^\s*at ([\w.$<>`]+\([^)]*\)) in (.+):line (\d+)/, order: ['function', 'file', 'line'] },
];
const library =
  /node_modules|node:|internal\/|site-packages|\/usr\/lib|^java\.|^sun\.|^org\.springframework|\/go\/src\/runtime|<anonymous>/;

/** Frames of the service's own code in a JavaScript, Python, Java, Go or .NET trace, innermost first. */
export function extractStackFrames(text: string): StackFrame[] {
  const frames: StackFrame[] = [];
  let python = false;
  for (const line of text.split(/\n|\\n/)) {
    for (const { find, order } of patterns) {
      const match = find.exec(line);
      if (match === null) continue;
      const parts: { function?: string; file?: string; line?: string } = {};
      for (const [index, part] of order.entries()) {
        const value = match[index + 1];
        if (value !== undefined) parts[part] = value;
      }
      if (parts.file !== undefined && !library.test(parts.file) && !library.test(line)) {
        python ||= line.includes('File "');
        frames.push({
          file: parts.file,
          function: parts.function === undefined ? null : lastName(parts.function),
          line: parts.line === undefined ? null : Number(parts.line),
        });
      }
      break;
    }
    if (frames.length >= 40) break;
  }
  return python ? frames.toReversed() : frames;
}

function lastName(name: string): string {
  return (
    name
      .replace(/ \[as [^\]]+\]$/, '')
      .split(/[.#]/)
      .at(-1) ?? name
  );
}
