import { describe, expect, it } from 'vitest';
import { createSymbolReader } from '../../../src/adapters/tree-sitter/symbol-reader.ts';

const reader = createSymbolReader();
const find = (path: string, text: string, name: string) =>
  reader.find({ path, text }, name, AbortSignal.timeout(15_000));

describe('a name in code', () => {
  it.each([
    ['a.js', 'module.exports.pay = function () {};\npay();', 'pay', 'function', null],
    ['a.ts', 'export const pay = async () => 1;\npay();', 'pay', 'function', null],
    ['a.tsx', 'class Shop { pay() {} }\nnew Shop().pay();', 'pay', 'method', 'Shop'],
    ['a.py', 'class Shop:\n  async def pay(self): pass\nshop.pay()', 'pay', 'function', 'Shop'],
    ['a.go', 'package x\nfunc (s *Shop) Pay() {}\nvar f = s.Pay', 'Pay', 'method', null],
    ['A.java', 'class Shop { void pay() {}\n void x() { pay(); } }', 'pay', 'method', 'Shop'],
    ['a.rb', 'class Shop\n  def pay; end\n  def x; pay; end\nend', 'pay', 'method', 'Shop'],
    ['a.rs', 'impl Shop { pub fn pay(&self) {} }\nfn x() { s.pay() }', 'pay', 'function', null],
    [
      'a.php',
      '<?php class Shop { function pay() {}\n function x() { $this->pay(); } }',
      'pay',
      'method',
      'Shop',
    ],
    ['a.cs', 'class Shop { void Pay() {}\n void X() { Pay(); } }', 'Pay', 'method', 'Shop'],
    ['a.cpp', 'void *pay(int a) { return 0; }\nint main() { pay(1); }', 'pay', 'function', null],
    ['a.sh', 'pay() { echo; }\npay', 'pay', 'function', null],
  ])('is found where it is declared and used: %s', async (path, text, name, kind, within) => {
    const found = await find(path, text, name);

    expect(found?.declared).toMatchObject([{ name, kind, within }]);
    expect(found?.uses).toHaveLength(1);
  });

  it('does not count in comments and texts, and says what is around it', async () => {
    const text = '// pay\nconst s = "pay";\nfunction checkout() {\n  return pay(`pay`);\n}\n/* pay */';

    expect(await find('a.ts', text, 'pay')).toEqual({
      declared: [],
      uses: [{ line: 4, text: 'return pay(`pay`);', within: 'checkout' }],
    });
  });

  it('is left to others where the language is not known or the code has no end', async () => {
    expect(reader.reads('a.cob')).toBe(false);
    expect(await find('a.cob', 'PERFORM PAY', 'PAY')).toBeNull();
    expect(await find('a.js', 'a'.repeat(400_001), 'a')).toBeNull();
    const deep = await find('a.js', `${'('.repeat(30_000)}pay${')'.repeat(30_000)}`, 'pay');
    expect(deep === null || deep.uses.length === 1).toBe(true);
  });

  it('is not followed deeper than anybody nests, whatever that would take', async () => {
    const nested = `${'mod a{'.repeat(3_000)}${'}'.repeat(3_000)}`;

    expect(await find('a.rs', nested, 'a')).toBeNull();
    const usual = await find('a.rs', `${'mod a{'.repeat(40)}fn pay(){}${'}'.repeat(40)}`, 'pay');
    expect(usual?.declared).toMatchObject([{ name: 'pay', kind: 'function', within: 'a' }]);
  });

  it('is not read any more once nobody waits for it', async () => {
    await expect(reader.find({ path: 'a.js', text: 'pay()' }, 'pay', AbortSignal.abort())).rejects.toThrow();
  });
});
