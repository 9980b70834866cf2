import { z } from 'zod';
import type { Json } from '../../platform/canonical-json.ts';
import type { AnyTool } from './tool.ts';

/** A patch may be long; a question is not. */
const mostInputChars = 200_000;
const mostNames = 60;

/** A call that cannot be run for how it is written. The message is for a model, which can write it anew. */
export class MalformedCall extends Error {}

/**
 * The tool that a call names, for an input that its schema takes.
 * @throws MalformedCall with what is wrong and what would be right
 */
export function toolOf(tools: readonly AnyTool[], name: string, input: Json): AnyTool {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) {
    const names = tools.slice(0, mostNames).map((one) => one.name);
    throw new MalformedCall(`There is no tool "${name.slice(0, 60)}". There are: ${names.join(', ')}.`);
  }
  const chars = JSON.stringify(input).length;
  if (chars > mostInputChars)
    throw new MalformedCall(
      `The input of ${tool.name} has ${chars} characters, and ${mostInputChars} are taken: ask for less at once.`,
    );
  const parsed = tool.input.safeParse(input);
  if (parsed.success) return tool;
  const given = isObject(input) ? Object.keys(input).slice(0, 20) : ['no object'];
  throw new MalformedCall(
    `The input of ${tool.name} is not as declared:\n${z.prettifyError(parsed.error).slice(0, 1_500)}\nGiven: ${given.join(', ') || 'nothing'}. Known: ${describeFields(tool)}. Call it again with these.`,
  );
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
    const kind = values === undefined ? String(type ?? 'any') : values.join('|');
    return `${name} (${kind}${schema.required?.includes(name) === true ? '' : ', may be left out'})`;
  });
  return fields.join(', ') || 'no fields';
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
