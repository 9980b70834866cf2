import type { PlannedRemedy } from '../../src/domain/plan.ts';
import type { Json } from '../../src/platform/canonical-json.ts';

/** What people can read of a plan: the card's blocks, and the files in its thread. */
export interface Readable {
  readonly blocks: unknown;
  readonly files: readonly string[];
}

/** Nobody reads more than this before a click, whoever says that it is attached. */
const legibleMax = 1_000_000;

/**
 * What of a step's effect cannot be read there: its kind, its service, every parameter and the change itself, byte for
 * byte. Written from the promise ("characters that cannot be seen are written out as ⟨U+…⟩, long gaps as ⟨n spaces⟩, a text
 * in a file may be in JSON's spelling"), not from the code that keeps it. Trailing blank space of a change is not looked for.
 */
export function missingFrom(readable: Readable, { kind, service, params, preview }: PlannedRemedy): string[] {
  const pieces = [
    ...readingsOf(readable.blocks),
    ...readable.files.map((text) => text.replaceAll('\r\n', '\n')),
  ];
  if (readable.files.some((text) => text.length > legibleMax)) return ['the file is too long for anybody'];
  const missing: string[] = [];
  const want = (what: string, spellings: readonly string[]): void => {
    if (!spellings.some((one) => pieces.some((piece) => piece.includes(one)))) missing.push(what);
  };
  want('kind', [kind]);
  want('service', [visible(service)]);
  for (const [path, value] of scalarsOf(params)) {
    want(`name of ${path}`, path.split('.').slice(-1).map(visible));
    if (typeof value === 'string')
      want(`value of ${path}`, [
        spelledOut(value),
        spelledOut(JSON.stringify(value)),
        visible(JSON.stringify(value)),
      ]);
    else want(`value of ${path}`, [JSON.stringify(value)]);
  }
  const change = preview.diff.replaceAll('\r\n', '\n').trimEnd();
  if (change !== '') want('change', [visible(change)]);
  if (/^(GIT binary patch|Binary files .* differ)$/m.test(change))
    missing.push('a change that nobody can read');
  return missing;
}

/** Its buttons that would let it run, as anybody finds them in the blocks. */
export function actionableIn(blocks: unknown): { actionId: string; value: string }[] {
  const found: { actionId: string; value: string }[] = [];
  walk(blocks, (node) => {
    const { action_id: actionId, value } = node;
    if (typeof actionId === 'string') found.push({ actionId, value: typeof value === 'string' ? value : '' });
  });
  return found;
}

/** Every text in the blocks as a reader sees it; buttons and what they carry are not read. */
function readingsOf(blocks: unknown): string[] {
  const texts: string[] = [];
  walk(blocks, ({ type, text }) => {
    if (typeof text !== 'string') return;
    texts.push(
      type === 'mrkdwn'
        ? text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
        : text,
    );
  });
  return texts;
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (typeof node === 'object' && node !== null) {
    visit(node as Record<string, unknown>);
    for (const each of Object.values(node)) walk(each, visit);
  }
}

function* scalarsOf(value: { readonly [key: string]: Json }, before = ''): Generator<[string, Json]> {
  for (const [key, each] of Object.entries(value)) {
    const path = `${before}${key}`;
    if (typeof each === 'object' && each !== null)
      yield* scalarsOf(each as { [key: string]: Json }, `${path}.`);
    else yield [path, each];
  }
}

/** Written by number: some of them would hide in this line as well. */
const invisible = new RegExp(
  `[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}${[
    '\\u034f',
    '\\u115f\\u1160',
    '\\u17b4\\u17b5',
    '\\u180b-\\u180f',
    '\\u2065',
    '\\u3164',
    '\\ufe00-\\ufe0e',
    '\\uffa0',
    '\\ufff0-\\ufff8',
    '\\u{e0000}-\\u{e0fff}',
  ].join('')}]`,
  'u',
);

/** A parameter on the card: no blank but a single space between words goes without saying, and no backtick. */
function spelledOut(text: string): string {
  let out = '';
  for (const char of text) {
    const odd = char === '`' || (/\s/.test(char) && char !== ' ') || invisible.test(char);
    out += odd ? numbered(char) : char;
  }
  return out.replace(/^ | $/g, numbered).replace(/ {2,}/g, (gap) => `⟨${gap.length} spaces⟩`);
}

function numbered(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** The text as it has to stand there. */
function visible(text: string): string {
  let out = '';
  for (const char of text) {
    const plain = char === '\n' || char === '\t' || !invisible.test(char);
    out += plain ? char : numbered(char);
  }
  return out.replace(/[ \t\u00a0\u2000-\u200a\u3000]{80,}/g, (gap) => `⟨${gap.length} spaces⟩`);
}
