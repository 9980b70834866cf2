import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Reads every `*.json` in the folder; the file name without its ending is the section name. */
export function readConfig(folder) {
  const sections = {};
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue;
    try {
      sections[basename(file, '.json')] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch (cause) {
      throw new Error(`config/${file} is not valid JSON`, { cause });
    }
  }
  return sections;
}

/** Live configuration: readers ask for a section each time, so that a reload is seen at once. */
export function createConfig(folder) {
  let sections = readConfig(folder);
  return {
    section(name) {
      const found = sections[name];
      if (found === undefined) throw new Error(`config/${name}.json is missing`);
      return found;
    },
    reload() {
      sections = readConfig(folder);
    },
  };
}
