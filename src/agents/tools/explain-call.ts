import { z } from 'zod';
import type { Json } from '../../platform/canonical-json.ts';
import type { AnyTool } from './tool.ts';

/** A patch may be long; a question is not. */
const mostInputChars = 200_000;
const mostNames = 60;

/** What is wrong with a call and what would be right, for a model that can write it anew; null: it can be run. */
export function whyMalformed(tools: readonly AnyTool[], name: string, input: Json): string | null {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) {
    const names = tools.slice(0, mostNames).map((one) => one.name);
    return `There is no tool "${name.slice(0, 60)}". There are: ${names.join(', ')}.`;
  }
  const chars = JSON.stringify(input).length;
  if (chars > mostInputChars)
    return `The input of ${tool.name} has ${chars} characters, and ${mostInputChars} are taken: ask for less at once.`;
  const parsed = tool.input.safeParse(input);
  if (parsed.success) return null;
  const given = isObject(input) ? Object.keys(input).slice(0, 20) : ['no object'];
  return `The input of ${tool.name} is not as declared:\n${z.prettifyError(parsed.error).slice(0, 1_500)}\nGiven: ${given.join(', ') || 'nothing'}. Known: ${describeFields(tool)}. Call it again with these.`;
}

/** `path (string), fromLine (integer, may be left out)`. */
function describeFields(tool: AnyTool): string {
  const schema = z.toJSONSchema(tool.input, { io: 'input' }) as {
    readonly properties?: {
      readonly [name: string]: { readonly type?: unknown; readonly enum?: readonly unknown[] };
    };
    readonly required?: readonly string[];
  };
  const fields = Object.entries(schema.properties ?? {}).map(([name, { type, enum: values }]) => {
    const kind = values === undefined ? (typeof type === 'string' ? type : 'any') : values.join('|');
    return `${name} (${kind}${schema.required?.includes(name) === true ? '' : ', may be left out'})`;
  });
  return fields.join(', ') || 'no fields';
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
