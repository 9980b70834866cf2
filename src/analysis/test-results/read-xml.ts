export type XmlPiece =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly closed: boolean;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const tag = /^<(\/?)([A-Za-z_][\w.:-]{0,100})((?:\s+[\w.:-]{1,100}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/;
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

/**
 * Elements, attributes and text of a report in XML, in order. No document type is read and no entity beyond the five of the
 * standard is known, so that nothing can grow; what is no XML ends it, and `whole` is false.
 */
export function readXml(text: string): { pieces: XmlPiece[]; whole: boolean } {
  const pieces: XmlPiece[] = [];
  const open: string[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    if (next < 0) break;
    if (next > at && open.length > 0) pieces.push({ kind: 'text', text: decode(text.slice(at, next)) });
    const skipped = skip(text, next);
    if (skipped !== null) {
      if (skipped.text !== null) pieces.push({ kind: 'text', text: skipped.text });
      if (skipped.end < 0) return { pieces, whole: false };
      at = skipped.end;
      continue;
    }
    const end = text.indexOf('>', next);
    // An attribute may have `>` in it: the expression decides, on a bounded piece.
    const found = end < 0 ? null : tag.exec(text.slice(next, Math.max(end + 1, next + 20_000)));
    if (found === null) return { pieces, whole: false };
    const [all, slash, name = '', attributes = '', closed] = found;
    if (slash === '/') {
      if (open.pop() !== name) return { pieces, whole: false };
      pieces.push({ kind: 'close', name });
    } else {
      pieces.push({ kind: 'open', name, attributes: readAttributes(attributes), closed: closed === '/' });
      if (closed !== '/') open.push(name);
    }
    at = next + all.length;
    if (open.length === 0) break;
  }
  return { pieces, whole: open.length === 0 && pieces.length > 0 };
}

/** What is no element: instructions, comments, the document type; text of a CDATA section. */
function skip(text: string, at: number): { end: number; text: string | null } | null {
  const after = (mark: string): number => {
    const found = text.indexOf(mark, at);
    return found < 0 ? -1 : found + mark.length;
  };
  if (text.startsWith('<?', at)) return { end: after('?>'), text: null };
  if (text.startsWith('<!--', at)) return { end: after('-->'), text: null };
  if (text.startsWith('<![CDATA[', at)) {
    const end = after(']]>');
    return { end, text: text.slice(at + 9, end < 0 ? undefined : end - 3) };
  }
  if (!text.startsWith('<!', at)) return null;
  const subset = text.indexOf('[', at);
  const close = text.indexOf('>', at);
  return { end: subset >= 0 && subset < close ? after(']>') : after('>'), text: null };
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null);
  for (const [, name = '', double, single] of text.matchAll(attribute))
    attributes[name] = decode(double ?? single ?? '');
  return attributes;
}

const known: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{1,8}));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return known[name] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
