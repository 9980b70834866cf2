import { describe, expect, it } from 'vitest';
import { coverTouched, mergeCoverage } from '../../../../src/analysis/line-coverage/line-coverage.ts';
import {
  parseCobertura,
  parseCoveragePy,
  parseGoCover,
  parseLcov,
} from '../../../../src/analysis/line-coverage/parse-reports.ts';
import { parseV8 } from '../../../../src/analysis/line-coverage/parse-v8.ts';
import { touchedLines } from '../../../../src/analysis/line-coverage/touched-lines.ts';

const diff = `diff --git a/src/total.ts b/src/total.ts
--- a/src/total.ts
+++ b/src/total.ts
@@ -1,3 +1,4 @@ export function total
 function total(lines) {
-  return 1;
+  if (lines.length > 9) return 0;
+  return 2;
 }
@@ -10 +11,2 @@
-old
+++ looks like a header
+second
diff --git a/gone.ts b/gone.ts
--- a/gone.ts
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
`;
const source =
  'function total(lines) {\n  if (lines.length > 9) return 0;\n  return 2;\n}\n// a word\ntotal([]);\n';
const at = (text: string): number => source.indexOf(text);

function v8(...ranges: [from: number, to: number, count: number][]): string {
  const functions = ranges.map(([startOffset, endOffset, count]) => ({
    ranges: [{ startOffset, endOffset, count }],
  }));
  return JSON.stringify({ result: [{ url: 'file:///work/src/total.ts', functions }] });
}

describe('lines that a diff touches', () => {
  it('are those of the new side, also where they look like a header', () => {
    expect(touchedLines(diff)).toEqual(new Map([['src/total.ts', [2, 3, 11, 12]]]));
  });
});

describe('coverage of touched lines', () => {
  const sources = new Map([['src/total.ts', source]]);

  it('counts a line by the innermost range around its first code', () => {
    const report = v8(
      [0, source.length, 1],
      [0, at('\n// a'), 1],
      [at('return 0'), at('return 0') + 9, 0],
      [at('return 2'), at('return 2') + 9, 0],
    );

    const coverage = parseV8(report, sources);

    expect([...(coverage.get('src/total.ts')?.covered ?? [])]).toEqual([1, 2, 6]);
    expect([...(coverage.get('src/total.ts')?.uncovered ?? [])]).toEqual([3]);
    expect(coverTouched(touchedLines(diff), coverage)).toEqual({
      touched: 2,
      covered: 1,
      uncovered: [{ file: 'src/total.ts', lines: [3] }],
      unknown: [],
    });
  });

  it('is that of any process of the run', () => {
    const never = parseV8(v8([0, source.length, 0]), sources);
    const once = parseV8(v8([0, source.length, 3]), sources);

    expect([...(mergeCoverage([never, once]).get('src/total.ts')?.uncovered ?? [])]).toEqual([]);
  });

  it('names files of which the tests know nothing', () => {
    expect(coverTouched(new Map([['src/new.ts', [1]]]), new Map()).unknown).toEqual(['src/new.ts']);
  });
});

describe('reports of coverage', () => {
  const lines = { covered: new Set([1, 3]), uncovered: new Set([4]) };

  it.each([
    ['lcov', parseLcov('TN:\nSF:/work/src/a.js\nDA:1,2\nDA:3,1\nDA:4,0\nend_of_record\n'), 'src/a.js'],
    [
      'Cobertura',
      parseCobertura(
        '<?xml version="1.0" ?><!DOCTYPE coverage SYSTEM "x.dtd"><coverage><packages><package><classes><class filename="src/a.py"><lines><line number="1" hits="1"/><line number="3" hits="2"/><line number="4" hits="0"/></lines></class></classes></package></packages></coverage>',
      ),
      'src/a.py',
    ],
    [
      'coverage.py',
      parseCoveragePy(
        JSON.stringify({ files: { 'src/a.py': { executed_lines: [1, 3], missing_lines: [4] } } }),
      ),
      'src/a.py',
    ],
    [
      'Go',
      parseGoCover(
        'mode: set\nexample.com/cart/src/a.go:1.20,1.30 1 1\nexample.com/cart/src/a.go:3.2,4.2 1 1\nexample.com/cart/src/a.go:4.2,4.9 1 0\n',
        'example.com/cart',
      ),
      'src/a.go',
    ],
  ])('of %s are read', (_, coverage, file) => {
    expect(coverage.get(file)).toEqual(lines);
  });

  it.each([
    ['lcov', parseLcov],
    ['Cobertura', parseCobertura],
    ['coverage.py', parseCoveragePy],
  ])('of %s that are none hold nothing', (_, parse) => {
    for (const text of ['', '{', '<coverage', 'DA:1,1', '{"files":{"a":1}}'])
      expect(parse(text).size).toBe(0);
  });

  it('of Go cannot ask for endless lines', () => {
    expect(parseGoCover('a.go:1.1,999999999.1 1 1', '').get('a.go')?.covered.size).toBeLessThan(20_000);
  });
});
