import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimitiveValueListNode,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
  type ValueNode,
} from 'kysely';

/** Text that PostgreSQL can keep: it refuses NUL and half of a surrogate pair, and logs contain both. */
export function storableText(text: string): string {
  const whole = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return whole.isWellFormed() ? whole : whole.toWellFormed();
}

/** The same for every string and key inside a JSON value. Returns the value itself when there is nothing to mend. */
export function storableJson<T>(value: T): T {
  // JSON.stringify escapes exactly the characters in question, so most values pass with one look.
  const text = JSON.stringify(value);
  return text !== undefined && unstorable.test(text) ? (mend(value) as T) : value;
}

/** JSON text for a jsonb column. */
export function toJsonb(value: unknown): string {
  return JSON.stringify(storableJson(value));
}

/** As `toJsonb`, with SQL's null for null. */
export function toNullableJsonb(value: unknown): string | null {
  return value === null ? null : toJsonb(value);
}

/** Mends every text parameter on its way to the database, so that no query can forget to. */
export class StorableTextPlugin implements KyselyPlugin {
  readonly #transformer = new StorableTextTransformer();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class StorableTextTransformer extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return typeof node.value === 'string' ? { ...node, value: storableText(node.value) } : node;
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    const values = node.values.map((value) => (typeof value === 'string' ? storableText(value) : value));
    return { ...node, values };
  }
}

const unstorable = /\\u0000|\\ud[89a-f]/;

function mend(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(mend);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), mend(inner)]));
}
