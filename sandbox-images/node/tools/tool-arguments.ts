export interface ToolArguments {
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly argv: readonly string[];
  /** A positive number at most `most`. */
  number(name: string, fallback: number, most: number): number;
}

/** `[--name value]… -- argv…`: any option may come more than once; a value may look like an option. */
export function readArguments(words: readonly string[], names: readonly string[]): ToolArguments {
  const options: Record<string, string[]> = {};
  let at = 0;
  for (; at < words.length && words[at] !== '--'; at += 2) {
    const name = words[at]?.startsWith('--') ? words[at]?.slice(2) : undefined;
    const value = words[at + 1];
    if (name === undefined || value === undefined || !names.includes(name))
      throw new Error(`${words[at]} is no option with a value; there are --${names.join(', --')}`);
    options[name] = [...(options[name] ?? []), value];
  }
  const argv = words.slice(at + 1);
  if (argv.length === 0) throw new Error('the command comes after --');
  return {
    options,
    argv,
    number(name, fallback, most) {
      const said = options[name]?.at(-1);
      if (said === undefined) return fallback;
      const value = Number(said);
      if (!(value > 0)) throw new Error(`--${name} wants a number above 0`);
      return Math.min(value, most);
    },
  };
}
