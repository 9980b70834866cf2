import { describe, expect, it } from 'vitest';
import { learnLevel, readLevel } from '../../../../src/analysis/logs/learn-level.ts';
import { LineLexer } from '../../../../src/analysis/logs/line-lexer.ts';
import { SlotIndex } from '../../../../src/analysis/logs/slot-index.ts';
import { Template } from '../../../../src/analysis/logs/template.ts';
import { TemplateMiner } from '../../../../src/analysis/logs/template-miner.ts';

/** A different word without a digit for each number. */
const word = (n: number): string =>
  n
    .toString(20)
    .padStart(4, '0')
    .replaceAll(/./g, (digit) => String.fromCharCode(103 + Number.parseInt(digit, 20)));

const lexer = new LineLexer();

/** How often templates were asked for their words while that many lines that share a place came in. */
function countLooks(lines: number, say: (n: number) => string): number {
  const index = new SlotIndex();
  let looks = 0;
  for (let n = 0; n < lines; n += 1) {
    const line = say(n);
    lexer.scan(line, 0);
    const template = new Template(n, line, lexer, 0);
    const list = template.wordList.bind(template);
    template.wordList = () => {
      looks += 1;
      return list();
    };
    index.add(template);
  }
  return looks;
}

describe('lines that share a place without becoming one', () => {
  it.each<[string, (n: number) => string]>([
    ['words for what happened', (n) => `something useful was ${word(n)}ed here`],
    ['with and without a value', (n) => `ggg hhh 7 ${word(n)}ing${n % 2 === 0 ? 'ed' : ' 5'}`],
  ])('are each looked at a few times, however many there are: %s', (_, say) => {
    const few = countLooks(200, say);

    expect(countLooks(800, say)).toBeLessThanOrEqual(4.5 * few);
  });

  it('become one as soon as most of them are names', () => {
    const miner = new TemplateMiner();
    for (let n = 0; n < 6; n += 1) miner.add(`something useful was ${word(n)}ed here`);
    expect(miner.templates()).toHaveLength(6);

    for (let n = 0; n < 6; n += 1) miner.add(`something useful was ${word(n)} here`);

    expect(miner.templates().map(({ text }) => text)).toEqual(['something useful was <*> here']);
  });

  it('are counted down again when they are forgotten', () => {
    const miner = new TemplateMiner(8);
    for (let n = 0; n < 40; n += 1) miner.add(`something useful was ${word(n)}ed here`);
    expect(miner.templates().length).toBeLessThanOrEqual(8);

    for (let n = 0; n < 12; n += 1) miner.add(`something useful was ${word(n)} here`);

    expect(miner.templates().map(({ text }) => text)).toContain('something useful was <*> here');
  });
});

describe('severity of very long lines', () => {
  it('is judged by their beginning', () => {
    const noise = 'QWxhZGRpbjpvcGVuIHNlc2FtZQ '.repeat(300);

    expect(learnLevel(`payment failed ${noise}`)).toBe('error');
    expect(learnLevel(`payment taken ${noise} failed`)).toBe('info');
    expect(readLevel(`java.lang.NullPointerException: ${noise}`)).toBe('error');
  });
});
