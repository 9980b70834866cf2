import { inertText } from '../../domain/inert-text.ts';
import { masked, maskRandom, maskShapes } from '../../platform/mask-credentials.ts';

const mostLines = 8;
const mostCharacters = 1_200;

const named =
  /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|credential|authorization)["']?\s{0,20}[:=]\s{0,20})("[^"]*"|'[^']*'|\S+)/gi;

/**
 * The last lines of a command's output as they may be shown: few, inert, and without what looks like a credential. A rough
 * net: operators' commands should print none.
 */
export function quietOutput(output: string): string {
  const shapeless = maskShapes(output.slice(-20_000));
  const nameless = shapeless.replace(named, (whole, name: string, value: string) =>
    value.startsWith(masked) || /^(bearer|basic)$/i.test(value) ? whole : `${name}${masked}`,
  );
  const lines = maskRandom(nameless, { least: 32, keep: 0 })
    .split('\n')
    .map((line) => inertText(line))
    .filter((line) => line !== '');
  return lines.slice(-mostLines).join(' ⏎ ').slice(-mostCharacters);
}
