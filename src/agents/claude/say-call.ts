import type { Json } from '../../platform/canonical-json.ts';

const mostCharacters = 140;
/** Contents that nobody reads in a list of steps. */
const bodies: ReadonlySet<string> = new Set(['content', 'diff', 'patch', 'script']);

/** One line for the thread: which tool, and what it was asked, as a colleague would say it. */
export function sayCall(tool: string, input: Json): string {
  const said = sayValue(input).replace(/\s+/g, ' ').trim();
  const line = said === '' ? tool.replaceAll('_', ' ') : `${tool.replaceAll('_', ' ')}: ${said}`;
  return line.length <= mostCharacters ? line : `${line.slice(0, mostCharacters - 1)}…`;
}

function sayValue(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'string') return /^[0-9a-f]{40}$/.test(value) ? value.slice(0, 10) : value;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const said = value.map(sayValue);
    // Arguments of a command read as one types them; anything else as a list.
    return said.join(value.every((one) => typeof one === 'string') ? ' ' : ', ');
  }
  return Object.entries(value)
    .flatMap(([key, one]) => {
      if (bodies.has(key)) return [];
      const said = sayValue(one);
      if (said === '') return [];
      // A number or a flag says nothing without its name.
      return [typeof one === 'number' || typeof one === 'boolean' ? `${key} ${said}` : said];
    })
    .join(' · ');
}
