import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { tools } from '../../../src/agents/tools/registry.ts';

const page = join(resolve(import.meta.dirname, '../../..'), 'docs/tools.md');

it('the page of tools has each tool, in the order in which a model gets them, with its fields', async () => {
  const text = await readFile(page, 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map((row) => row.slice(1));

  expect(rows.map(([name, , fields]) => [name, fields])).toEqual(
    tools.map((tool) => [tool.name, fieldsOf(tool.input)]),
  );
  for (const [name, shows] of rows) expect(shows?.length, name).toBeGreaterThan(15);
});

it('each tool tells a model when to use it, in one paragraph', () => {
  for (const { name, description } of tools) {
    expect(description, name).toMatch(/^[A-Z][^\n]{40,700}\.$/s);
    expect(
      tools.filter((one) => one.name === name),
      name,
    ).toHaveLength(1);
  }
});

/** As a model sees them; what has to be given is bold. */
function fieldsOf(input: z.ZodType): string {
  const schema = z.toJSONSchema(input, { io: 'input' }) as {
    readonly properties?: object;
    readonly required?: readonly string[];
  };
  const names = Object.keys(schema.properties ?? {});
  return names.map((name) => (schema.required?.includes(name) ? `**${name}**` : name)).join(', ') || '–';
}
