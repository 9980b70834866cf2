import { sayHit, sayNoneAlike } from './analysis/similarity/say-past.ts';
import type { FoundSimilar } from './flow/similar.ts';

const usage = `npm run warroom -- similar TEXT|INCIDENT

  past incidents like an error text or like an incident (by its id), what they had in common, their cause, and what was
  tried with what came of it; an embedded database is read while no bot runs on it
`;

/** @param find past incidents like what was asked @returns the exit code: 1 when none is like it */
export async function runSimilar(
  args: readonly string[],
  find: (text: string) => Promise<FoundSimilar | null>,
): Promise<number> {
  const text = args.join(' ').trim();
  if (text === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const found = text === '' ? null : await find(text);
  if (found === null) {
    process.stderr.write(usage);
    return 2;
  }
  const shown = found.hits.filter((hit) => hit.likeness !== 'weak');
  const lines = shown.flatMap((hit) => {
    const { heading, lines: told } = sayHit(hit);
    return [`${heading}  [${hit.incidentId}]`, ...told.map((line) => `  ${line}`)];
  });
  process.stdout.write(`${shown.length === 0 ? sayNoneAlike(found.compared) : lines.join('\n')}\n`);
  return shown.length === 0 ? 1 : 0;
}
