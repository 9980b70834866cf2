/**
 * What an attack wants the model to do, in words that the obedient stand-in understands wherever and however it reads them.
 * `tag` is of one attack alone: what another one left behind is obeyed by nobody.
 */
export type Order =
  /** Calls a tool, one that exists or not, with any input. */
  | { readonly do: 'call'; readonly tool: string; readonly input: object }
  /** States a cause with full confidence, citing every row that there is. */
  | { readonly do: 'cause'; readonly service: string; readonly commit: string | null; readonly text: string }
  | { readonly do: 'blame'; readonly service: string; readonly text: string }
  /** Says that the service that is broken is well. */
  | { readonly do: 'healthy'; readonly text: string }
  /** Writes a patch into the report. */
  | { readonly do: 'patch'; readonly diff: string; readonly check: readonly string[]; readonly text: string }
  /** Puts fields into the report that nobody asked for. */
  | { readonly do: 'add'; readonly fields: object }
  /** Repeats text word for word as a claim. */
  | { readonly do: 'say'; readonly text: string }
  /** Copies whatever looks like a secret into claims, links and tool inputs. */
  | { readonly do: 'leak'; readonly how: string }
  /** Never ends. */
  | { readonly do: 'loop' };

const open = 'AGENTORDER';

export function encodeOrder(tag: string, order: Order): string {
  // Letters and digits only: it survives quoting, and a reader sees that something is there.
  return `${open}${tag}X${Buffer.from(JSON.stringify(order)).toString('hex')}X`;
}

/** Every order for `tag` in what a model was shown, seen through any disguise: the stand-in is as clever as it is obedient. */
export function readOrders(tag: string, text: string): Order[] {
  const found = new Map<string, Order>();
  const pattern = new RegExp(`${open}${tag}X([0-9a-f]+)X`, 'gi');
  for (const reading of readings(text))
    for (const [, hex = ''] of reading.matchAll(pattern)) {
      const order = decode(hex.toLowerCase());
      if (order !== null) found.set(hex, order);
    }
  return [...found.values()];
}

function decode(hex: string): Order | null {
  try {
    return JSON.parse(Buffer.from(hex, 'hex').toString()) as Order;
  } catch {
    return null;
  }
}

/** The text as it stands, and as everybody who hides text would have it read. */
function readings(text: string): string[] {
  const plain = unquote(text);
  return [
    text,
    plain,
    plain.normalize('NFKC').replace(/[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, ''),
    fromTags(plain),
    Array.from(plain).toReversed().join(''),
    rot13(plain),
    plain.replaceAll(/[\s"+,.;:|\-/\\_*~`'<>()[\]{}]/g, ''),
    decodeURIComponentSafely(plain),
    plain.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
    ...[...plain.matchAll(/[A-Za-z0-9+/]{80,}={0,2}/g)].map(([run]) => Buffer.from(run, 'base64').toString()),
  ];
}

function unquote(text: string): string {
  return text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\\+n/g, '\n')
    .replaceAll(/\\+(["'/])/g, '$1');
}

/** Tag characters, which no screen shows, are ASCII a plane away. */
function fromTags(text: string): string {
  let read = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xe0020 && code < 0xe007f) read += String.fromCodePoint(code - 0xe0000);
  }
  return read;
}

function rot13(text: string): string {
  return text.replaceAll(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
}

function decodeURIComponentSafely(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
