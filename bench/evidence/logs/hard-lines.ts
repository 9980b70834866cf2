/** Lines that cost most: `size` of them, or so many characters. */
export interface HardLines {
  readonly name: string;
  lines(size: number): string[];
}

/** A different word without a digit for each number. */
function wordOf(n: number): string {
  const digits = n.toString(20).padStart(4, '0');
  return digits.replaceAll(/./g, (digit) => String.fromCharCode(103 + Number.parseInt(digit, 20)));
}

const repeat = (count: number, line: (n: number) => string): string[] =>
  Array.from({ length: count }, (_, n) => line(n));
const token = 'QWxhZGRpbjpvcGVuIHNlc2FtZQ';
const sentence = 'after some tries with card ';

export const hardLines: readonly HardLines[] = [
  {
    name: 'what happened in one place',
    lines: (size) => repeat(size, (n) => `something useful was ${wordOf(n)}ed here`),
  },
  {
    name: 'with and without a value',
    lines: (size) => repeat(size, (n) => `pool of 7 ${wordOf(n >> 1)}ing${n % 2 === 0 ? 'ed' : ' 5'}`),
  },
  {
    name: 'long runs of one word',
    lines: (size) =>
      repeat(200, (n) =>
        `blob ${token.repeat(size / token.length + 1)}`.slice(0, size).concat(` ${wordOf(n)}`),
      ),
  },
  {
    name: 'lines of 8 kB',
    lines: (size) =>
      repeat(size / 8, (n) => `payment ${wordOf(n)}ed ${sentence.repeat(300)}`.slice(0, 8_000)),
  },
];
