/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Part = Html | string | number | boolean | null | undefined | readonly Part[];

/** Everything put in is escaped, unless it came from `html` itself; `false`, null and undefined give nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, index) => text + render(parts[index])).join(''));
}

function render(part: Part): string {
  if (part === null || part === undefined || typeof part === 'boolean') return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(render).join('');
  return escapeHtml(String(part));
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Bidirectional controls can make a diff or a log line read as something else: they are shown as what they are.
const bidi = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/g;

export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (sign) => escapes[sign] ?? '')
    .replace(bidi, (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase()}]`);
}
