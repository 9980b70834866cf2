import type { RemedyPreview } from '../../src/domain/plan.ts';
import type { Json } from '../../src/platform/canonical-json.ts';

export interface Mutation {
  readonly params: { readonly [key: string]: Json };
  readonly preview: Partial<RemedyPreview>;
}

/** Repeatable: the same number gives the same plan on every machine. */
function randomFrom(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const strange = [
  '\u202e',
  '\u202d',
  '\u2066',
  '\u2069',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u0000',
  '\u0007',
  '\u001b[2K',
  '\u0008',
  '\r',
  '\u2028',
  '\u2029',
  '\u3164',
  '\u115f',
  '\u{e0041}',
  '\ufe00',
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u2800',
  '`',
  '```',
  '*',
  '_',
  '~',
  '<',
  '>',
  '&',
  '&lt;',
  '&amp;lt;',
  '|',
  '<!channel>',
  '<@UANA0001>',
  '⟨U+202E⟩',
  '⟨99 spaces⟩',
  '…',
  '_… 3 more lines_',
  '\n',
  '\n\n',
  '\t',
  '  ',
  ' '.repeat(79),
  ' '.repeat(81),
  ' '.repeat(5_000),
  '\n'.repeat(200),
  'e\u0301',
  'ﬁ',
  'Ａ',
  'а',
  '\u0301\u0301',
  '\ud83d\udc68\u200d\ud83d\udc69',
  '"',
  "'",
  '\\',
  '\\n',
  '$x',
  '$(x)',
  '; ',
  ' -- ',
];

/** A plan that somebody wants approved for what it seems to be. */
export function mutationOf(turn: number): Mutation {
  const below = randomFrom(turn + 1);
  const word = (): string => {
    const letters = Array.from(
      { length: 4 + below(12) },
      () => 'abcdefghijklmnopqrstuvwxyz0123456789-_:./'[below(41)],
    );
    return letters.join('');
  };
  const text = (parts: number): string => {
    let out = word();
    for (let each = 0; each < parts; each += 1) out += strange[below(strange.length)] + word();
    return below(4) === 0
      ? (strange[below(strange.length)] ?? '') + out + (strange[below(strange.length)] ?? '')
      : out;
  };
  const value = (): Json => {
    const kinds: (() => Json)[] = [
      () => text(1 + below(3)),
      () => word(),
      () => text(0),
      () => below(1_000_000) - 500_000,
      () => below(2) === 0,
      () => [text(1), word(), below(99)],
      () => ({ name: text(1), order: 'desc' }),
      () => word().repeat(200),
      () => `${'0123456789abcdef'.repeat(2)}${below(99_999_999).toString(16).padStart(8, '0')}`,
    ];
    return (kinds[below(kinds.length)] ?? word)();
  };
  const params: { [key: string]: Json } = {};
  for (let each = 0; each <= below(4); each += 1)
    params[`key${each}${word().replace(/[^a-z]/g, '')}`] = value();
  return {
    params,
    preview: {
      diff: change(below, text, word),
      notes: below(3) === 0 ? [text(2)] : [],
      summary: text(below(2)),
    },
  };
}

function change(
  below: (limit: number) => number,
  text: (parts: number) => string,
  word: () => string,
): string {
  const line = (): string => `${'+- '[below(3)]}${text(below(3))}`;
  const lines = (count: number): string => `${Array.from({ length: count }, line).join('\n')}\n`;
  const shapes = [
    () => '',
    () => lines(1 + below(8)),
    () => lines(20),
    () => `${lines(2)}+${' '.repeat(5_000)}rm -rf /\n`,
    () => `${lines(2)}${'\n'.repeat(300)}+evil ${word()}\n`,
    () => `+${word().repeat(900)}\n`,
    () => lines(130),
    () => `${lines(3)}+last line ${text(1)}`,
    () => Array.from({ length: 600 }, () => `+${word()}`).join('\n'),
  ];
  return (shapes[below(shapes.length)] ?? shapes[0] ?? (() => ''))();
}
