import type { Bench } from '../../sandbox-desk.ts';
import { readToolResult, resultMark, type ToolAnswer, type ToolVerb } from './tool-result.ts';
import { sayEnd } from './use-sandbox.ts';

const outputBytes = 1_500_000;

/**
 * Asks the tools of the sandbox's image. `seconds` is what the tool may take at most, and a little more is given to it.
 */
export async function askTool<Verb extends ToolVerb>(
  bench: Bench,
  verb: Verb,
  options: readonly (readonly [name: string, value: string])[],
  command: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<ToolAnswer<Verb>> {
  const words = options.flatMap(([name, value]) => [`--${name}`, value]);
  const result = await bench.sandbox.run(
    ['warroom-tool', verb, ...words, '--', ...command],
    { timeoutMs: (seconds + 30) * 1000, outputBytes },
    signal,
  );
  if (result.reason === 'exit' && result.exitCode === 0) return readToolResult(verb, result.output);
  // A result of a tool that did not end well is not its own: code under test may have written it and killed the tool.
  if (result.exitCode === 126 || result.exitCode === 127)
    return { answered: false, why: `the sandbox image for ${bench.service.language} has no such tool` };
  if (result.reason === 'exit' && result.exitCode === 2)
    return { answered: false, why: `the tools of the ${bench.service.language} image cannot do this` };
  if (result.reason !== 'exit') return { answered: false, why: `the tool ${sayEnd(result)}` };
  const said = result.output.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  const isResult = said === '' || said.startsWith(resultMark.trim());
  return { answered: false, why: isResult ? `the tool ${sayEnd(result)}` : said };
}
