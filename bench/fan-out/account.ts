/** A request as it left the bot. */
export interface Sent {
  /** Length of its body on the wire. */
  readonly bytes: number;
  readonly body: WireBody;
}

/** What of a request to the Messages API is counted here. */
export interface WireBody {
  readonly tools?: unknown;
  readonly system?: unknown;
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly { readonly text?: string }[];
  }[];
}

export interface Account {
  readonly requests: number;
  readonly conversations: number;
  /** Four bytes each: nobody counts here, and both ways of working are estimated alike. */
  readonly inputTokens: number;
  /** Of them, what begins as the request before it in the same conversation did. */
  readonly cachedTokens: number;
}

const bytesPerToken = 4;

/** What the requests of one incident come to, in the order in which they were sent. */
export function accountFor(sent: readonly Sent[]): Account {
  const before = new Map<string, Buffer>();
  let bytes = 0;
  let cached = 0;
  for (const { bytes: length, body } of sent) {
    const key = conversationOf(body);
    const cacheable = inCacheOrder(body);
    const last = before.get(key);
    if (last !== undefined) cached += commonPrefix(last, cacheable);
    before.set(key, cacheable);
    bytes += length;
  }
  return {
    requests: sent.length,
    conversations: before.size,
    inputTokens: Math.round(bytes / bytesPerToken),
    cachedTokens: Math.round(cached / bytesPerToken),
  };
}

/** The task is in the first message, and stays as it is when room is made around it. */
function conversationOf({ messages }: WireBody): string {
  const [first] = messages;
  const texts = (first?.content ?? []).map((block) => block.text ?? '');
  return texts.find((text) => text.includes('Your service: ')) ?? texts[0] ?? '';
}

/** The API's prompt cache reads tools, then system, then messages; where its marks stand changes no token. */
function inCacheOrder({ tools, system, messages }: WireBody): Buffer {
  const unmarked = (key: string, value: unknown): unknown => (key === 'cache_control' ? undefined : value);
  // A last bracket would differ from the comma that stands there in the next request.
  const told = JSON.stringify([tools, system, ...messages], unmarked).slice(0, -1);
  return Buffer.from(told);
}

function commonPrefix(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one[same] === other[same]) same += 1;
  return same;
}
