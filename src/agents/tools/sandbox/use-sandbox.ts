import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Observation } from '../../../domain/evidence.ts';
import type { Json } from '../../../platform/canonical-json.ts';
import { WarroomError } from '../../../platform/errors.ts';
import type { CommandResult } from '../../../ports/sandbox.ts';
import type { Bench } from '../../sandbox-desk.ts';
import { nothing, serviceOf, type ToolContext } from '../tool.ts';

/** What every tool of the sandbox is told. */
export const place = {
  service: z.string().optional().describe('Defaults to your own service.'),
  at: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/)
    .optional()
    .describe('Commit; defaults to head. Each commit has a workspace of its own, kept until you reset it.'),
};

export const argv = z
  .array(z.string().max(4_000))
  .min(1)
  .max(60)
  .describe('Program and arguments, no shell; runs at the root of the repository without a network.');

/** A file of the repository, as the tools in the images take it. */
export const sourceFile = z
  .string()
  .min(1)
  .max(300)
  .regex(/^(?!\/|-)(?!.*(^|\/)\.\.(\/|$))[^\0\n]+$/, 'a path relative to the root of the repository');

/** Runs `work` in the agent's sandbox; without one the observation is empty and says why, and the agent reads on. */
export async function inSandbox(
  context: ToolContext,
  input: { readonly service?: string | undefined; readonly at?: string | undefined },
  look: { readonly title: string; readonly query: string },
  signal: AbortSignal,
  work: (bench: Bench) => Promise<Observation>,
): Promise<Observation[]> {
  const service = serviceOf(context, input.service);
  const at = input.at ?? (await context.desk.sources.source.fetch(service, signal)).head;
  const done = await context.sandboxes.use(service, at, signal, work);
  if (done.had) return [done.value];
  return [
    nothing(
      'change',
      service.name,
      look.title,
      `It was not run: ${done.why.replace(/\.$/, '')}.`,
      look.query,
    ),
  ];
}

/** Before an agent's own edits and commands, whatever the tool. @returns the bench as it was, for what is said of it */
export function handOver(bench: Bench): Bench {
  const before = { ...bench };
  bench.edited = true;
  bench.handedOver = true;
  return before;
}

/**
 * Whether what runs next may be called a `check`. That it starts from a reset is what makes it one, never what is remembered
 * of earlier tools: the reset also ends what they left running, which could change files in the middle of the run. Edits
 * that the agent wants tried stay, and nothing is a `check` then.
 */
export async function startPristine(bench: Bench, signal: AbortSignal): Promise<boolean> {
  if (bench.edited && (await differs(bench, signal))) return false;
  await bench.sandbox.reset(null, signal);
  bench.edited = false;
  return bench.missing.length === 0 && !(bench.handedOver && bench.beside.length > 0);
}

async function differs({ sandbox }: Bench, signal: AbortSignal): Promise<boolean> {
  try {
    const { changes, refused } = await sandbox.changes({ files: 2_000, bytes: 64 * 1024 * 1024 }, signal);
    return changes.length > 0 || refused.length > 0;
  } catch (error) {
    if (error instanceof WarroomError && error.code === 'workspace_too_large') return true;
    throw error;
  }
}

/** As many as are kept beside an evidence row. */
const keptChars = 4_000_000;

/**
 * What was seen of what a model chose to run, or what a tool said that shares its user with the code under test. It is
 * never a `check`: such code can write a result in the tool's place, so it supports a claim no more than reading the source.
 */
export function observe(
  bench: Bench,
  seen: { readonly title: string; readonly summary: string; readonly query: string; readonly data: unknown },
): Observation {
  const where = bench.edited ? `${bench.at.slice(0, 10)} with the agent’s changes` : bench.at.slice(0, 10);
  return {
    kind: 'change',
    service: bench.service.name,
    title: `${seen.title} at ${where}`,
    summary: [seen.summary, ...bench.missing].join(' '),
    query: seen.query,
    data: toJson(bench.beside.length === 0 ? seen.data : { ...asFields(seen.data), beside: bench.beside }),
    empty: false,
  };
}

function asFields(data: unknown): object {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { seen: data };
}

/** The whole of what was printed, to be kept beside a row that shows less of it. */
export function wholeOutput(output: string, shownChars: number): { readonly output?: string } {
  return output.length <= shownChars ? {} : { output: readable(output, keptChars) };
}

/** Output of untrusted code: no control characters, its begin and its end. */
export function readable(output: string, chars = 10_000): string {
  const text = stripVTControlCharacters(output).replace(/[^\P{Cc}\n\t]/gu, '');
  if (text.length <= chars) return text;
  const half = Math.floor(chars / 2);
  return `${text.slice(0, half)}\n… (${text.length - 2 * half} characters left out)\n${text.slice(-half)}`;
}

/** `ended with exit code 1 in 0.8 s`. */
export function sayEnd({ exitCode, reason, durationMs }: CommandResult): string {
  const took = `${(durationMs / 1000).toFixed(1)} s`;
  switch (reason) {
    case 'exit':
      return `ended with exit code ${exitCode ?? 'none'} in ${took}`;
    case 'timeout':
      return `was stopped after ${took}: it took too long`;
    case 'output-cap':
      return `was stopped after ${took}: it printed too much`;
    case 'out-of-memory':
      return `ran out of memory after ${took}`;
    case 'pids':
      return `was stopped after ${took}: it started too many processes`;
    case 'signal':
      return `was ended by a signal after ${took}`;
    default:
      return reason satisfies never;
  }
}

/** Only what JSON carries, control characters taken out of every text. */
export function toJson(value: unknown): Json {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? readable(one, 20_000) : one)),
  ) as Json;
}
