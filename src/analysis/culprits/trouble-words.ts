import { stem } from './tokenize.ts';

/** Words that any failure is told in, whatever broke: what a commit shares of these says little. */
const troubleWords: ReadonlySet<string> = new Set(
  (
    'fail failed failure warn warning fatal panic abort exception critical unknown unexpected invalid undefined detected ' +
    'memory leak leaks address addresses signal caused access hint fault point points page read write status exit ' +
    'returned unable find found cannot could not such file directory exist try hard become future use value created ' +
    'stack allocation allocated object byte bytes direct indirect free heap region buffer overflow thread call line ' +
    'column note here requires type runtime bad zero dereference high large small argument refused denied time timeout ' +
    'reset close closed broken pipe connection missing while during already do don does did was been happened trace ' +
    'traceback recent last back module sanitizer segv start main run'
  )
    .split(' ')
    .map(stem),
);
const share = 0.35;

/** How much of a word's rarity counts. */
export function tellingShare(word: string): number {
  return troubleWords.has(word) ? share : 1;
}
