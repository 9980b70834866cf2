import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';

/** Settings by dotted name, each value as text; strings are quoted so that `"1"` and `1` differ. */
export type Settings = ReadonlyMap<string, string>;

export type SettingsRead =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** A format without keys that could be told apart: only the diff says what changes. */
  | { readonly kind: 'opaque' }
  | { readonly kind: 'unreadable'; readonly reason: string };

const depthMax = 30;
const settingsMax = 5_000;
const aliasesMax = 100;

/** Reads a configuration file by the format that its name tells. */
export function readSettings(path: string, text: string): SettingsRead {
  try {
    switch (/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase()) {
      case 'json':
        return flatten(JSON.parse(text));
      case 'yaml':
      case 'yml':
        return flatten(readYaml(text));
      case 'toml':
        return flatten(parseToml(text));
      case 'ini':
        return { kind: 'settings', settings: readIni(text) };
      case 'properties':
        return { kind: 'settings', settings: readProperties(text) };
      case 'env':
        return { kind: 'settings', settings: readEnv(text) };
      default:
        return { kind: 'opaque' };
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const [first = 'it is broken'] = said.split('\n');
    // parsers quote the text that they stumble over, and it may be a secret
    return { kind: 'unreadable', reason: first.replace(/["'`“].*$/s, '').replace(/[\s,:]+$/, '') };
  }
}

function readYaml(text: string): unknown {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return null;
  for (const document of documents) {
    const [broken] = document.errors;
    if (broken !== undefined) throw broken;
  }
  const values = documents.map((document) => document.toJS({ maxAliasCount: aliasesMax }) as unknown);
  return values.length === 1 ? values[0] : values;
}

function flatten(root: unknown): SettingsRead {
  const settings = new Map<string, string>();
  const walk = (value: unknown, name: string, depth: number): void => {
    if (depth > depthMax) throw new Error(`it is nested deeper than ${depthMax} levels`);
    if (settings.size > settingsMax) throw new Error(`it has more than ${settingsMax} settings`);
    const inside =
      typeof value === 'object' && value !== null && !(value instanceof Date) ? Object.entries(value) : [];
    if (inside.length === 0) {
      settings.set(name, JSON.stringify(value) ?? 'null');
      return;
    }
    const said = nameOfValue(value);
    for (const [key, child] of inside) {
      const words = (key === 'value' && said !== null ? [said, key] : [key]).map(spell);
      walk(child, [...(name === '' ? [] : [name]), ...words].join('.'), depth + 1);
    }
  };
  walk(root, '', 0);
  return { kind: 'settings', settings };
}

function spell(word: string): string {
  return /^[\w-]+$/.test(word) ? word : JSON.stringify(word);
}

/** `- name: DB_PASSWORD` with `value: …` beside it: the name belongs to the value. */
function nameOfValue(value: unknown): string | null {
  const { name, key } = value as { readonly name?: unknown; readonly key?: unknown };
  if (typeof name === 'string') return name;
  return typeof key === 'string' ? key : null;
}

function readIni(text: string): Settings {
  const settings = new Map<string, string>();
  let section = '';
  for (const [number, line] of numbered(text)) {
    if (/^[;#]/.test(line)) continue;
    if (line.startsWith('[')) {
      const [, name] = /^\[([^\]]+)\]\s*([;#].*)?$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`line ${number} begins a section and does not end it`);
      section = `${name.trim()}.`;
      continue;
    }
    const [, key = '', value = ''] = /^([^=:]+?)\s*(?:[=:]\s*(.*))?$/.exec(line) ?? [];
    if (key === '') throw new Error(`line ${number} has no name before its value`);
    settings.set(`${section}${key}`, value);
  }
  return settings;
}

function readProperties(text: string): Settings {
  const settings = new Map<string, string>();
  const joined = text.replace(/\\\r?\n[ \t]*/g, '');
  for (const [, line] of numbered(joined)) {
    if (/^[#!]/.test(line)) continue;
    const [, key = line, value = ''] = /^((?:\\.|[^\s=:\\])+)(?:\s*[=:]\s*|\s+)?(.*)$/.exec(line) ?? [];
    settings.set(key, value);
  }
  return settings;
}

function readEnv(text: string): Settings {
  const settings = new Map<string, string>();
  for (const [number, line] of numbered(text)) {
    if (line.startsWith('#')) continue;
    const [, key, value = ''] = /^(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) throw new Error(`line ${number} is not NAME=value`);
    settings.set(key, value);
  }
  return settings;
}

/** Lines that say something, with their numbers. */
function numbered(text: string): [number, string][] {
  return text
    .split(/\r?\n/)
    .map((line, index): [number, string] => [index + 1, line.trim()])
    .filter(([, line]) => line !== '');
}
