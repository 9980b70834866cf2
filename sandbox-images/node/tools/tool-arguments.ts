import { parseArgs } from 'node:util';

export interface ToolArguments {
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly argv: readonly string[];
  /** A positive number at most `most`. */
  number(name: string, fallback: number, most: number): number;
}

/** `[--name value]… -- argv…`: any option may come more than once. */
export function readArguments(words: readonly string[], names: readonly string[]): ToolArguments {
  const split = words.indexOf('--');
  if (split < 0 || split === words.length - 1) throw new Error('the command comes after --');
  const { values } = parseArgs({
    args: words.slice(0, split),
    options: Object.fromEntries(names.map((name) => [name, { type: 'string', multiple: true } as const])),
    strict: true,
  });
  const options = values as Record<string, string[]>;
  return {
    options,
    argv: words.slice(split + 1),
    number(name, fallback, most) {
      const said = options[name]?.at(-1);
      if (said === undefined) return fallback;
      const value = Number(said);
      if (!(value > 0)) throw new Error(`--${name} wants a number above 0`);
      return Math.min(value, most);
    },
  };
}
