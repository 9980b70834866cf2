/**
 * What the Messages API refuses and aimock lets pass, as far as it is documented (API version 2026-10-21). Our own
 * reading: a request that passes here can still be refused there.
 */

interface WireBlock {
  readonly type: string;
  readonly id?: string;
  readonly tool_use_id?: string;
  readonly text?: string;
  readonly signature?: string;
}

export interface WireRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly system?: readonly {
    readonly type: string;
    readonly text: string;
    readonly cache_control?: object;
  }[];
  readonly messages: readonly { readonly role: string; readonly content: readonly WireBlock[] }[];
  readonly tools?: readonly { readonly name: string; readonly input_schema: Record<string, unknown> }[];
  readonly output_config?: { readonly format?: { readonly type: string; readonly schema: unknown } };
  readonly [key: string]: unknown;
}

const gone = ['temperature', 'top_p', 'top_k', 'output_format', 'thread'];
const unsupported = [
  '$schema',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'pattern',
];

/** The first rule that a request breaks, in words; null for none. */
export function brokenRule(request: WireRequest): string | null {
  const extra = gone.find((name) => name in request);
  if (extra !== undefined) return `${extra} is not taken`;
  if (!(request.max_tokens > 0)) return 'max_tokens is required';
  if (JSON.stringify(request.tool_choice ?? 'auto').match(/"(any|tool)"/)) return 'forced tool_choice';
  for (const tool of request.tools ?? []) {
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) return `tool name ${tool.name}`;
    if (tool.input_schema['type'] !== 'object') return `input_schema of ${tool.name} is no object`;
  }
  return brokenSchema(request.output_config?.format?.schema) ?? brokenConversation(request.messages);
}

function brokenSchema(schema: unknown, at = 'output_config.format.schema'): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  if (Array.isArray(schema))
    return (
      schema.map((one, index) => brokenSchema(one, `${at}[${index}]`)).find((one) => one !== null) ?? null
    );
  const members = schema as Record<string, unknown>;
  const keyword = at.endsWith('.properties') ? undefined : unsupported.find((name) => name in members);
  if (keyword !== undefined) return `${at}: ${keyword} is not supported`;
  if (
    members['type'] === 'object' &&
    members['additionalProperties'] !== false &&
    !at.endsWith('.properties')
  )
    return `${at}: additionalProperties must be false`;
  return (
    Object.entries(members)
      .map(([name, value]) => brokenSchema(value, `${at}.${name}`))
      .find((one) => one !== null) ?? null
  );
}

function brokenConversation(messages: WireRequest['messages']): string | null {
  if (messages[0]?.role !== 'user') return 'the first message must be from the user';
  for (const [index, { role, content }] of messages.entries()) {
    if (content.length === 0) return `messages.${index}: content is empty`;
    if (content.some((block) => block.type === 'text' && (block.text ?? '').trim() === ''))
      return `messages.${index}: text must not be empty`;
    if (content.some((block) => block.type === 'thinking' && (block.signature ?? '') === ''))
      return `messages.${index}: thinking without its signature`;
    const called = idsOf(messages[index - 1]?.content ?? [], 'tool_use', 'id');
    const answered = idsOf(content, 'tool_result', 'tool_use_id');
    if (role === 'user' && called.toSorted().join() !== answered.toSorted().join())
      return `messages.${index}: tool_use ids ${called.join()} were answered by ${answered.join()}`;
  }
  return null;
}

function idsOf(content: readonly WireBlock[], type: string, key: 'id' | 'tool_use_id'): string[] {
  return content.flatMap((block) => (block.type === type ? [block[key] ?? ''] : []));
}
