import { SaxesParser } from 'saxes';

export type XmlPiece =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly closed: boolean;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** A report with more faults than this is none, and every one of them costs time. */
const mostFaults = 2_000;

/**
 * Elements, attributes and text of a report in XML, in order. The parser reads no document type and knows no entity beyond
 * the five of the standard, so nothing can grow. Runners write colours and other forbidden characters into their reports,
 * so an error does not end the reading; `whole` says whether the root was closed. What follows the root is not read.
 */
export function readXml(text: string): { pieces: XmlPiece[]; whole: boolean } {
  const pieces: XmlPiece[] = [];
  let depth = 0;
  let whole = false;
  const add = (piece: XmlPiece): void => {
    if (!whole) pieces.push(piece);
  };
  const parser = new SaxesParser();
  let faults = 0;
  parser.on('error', (fault) => {
    faults += 1;
    if (faults > mostFaults) throw fault;
  });
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    add({ kind: 'open', name, attributes, closed: isSelfClosing });
    depth += 1;
  });
  parser.on('closetag', ({ name, isSelfClosing }) => {
    if (!isSelfClosing) add({ kind: 'close', name });
    depth -= 1;
    if (depth === 0) whole = true;
  });
  for (const kind of ['text', 'cdata'] as const) {
    parser.on(kind, (found) => {
      if (depth > 0) add({ kind: 'text', text: found });
    });
  }
  try {
    parser.write(text).close();
  } catch (error) {
    if (faults <= mostFaults) throw error;
  }
  return { pieces, whole };
}
